-- Services, copies, photos, assignments, drafts and tasks. Frozen: later changes are steps of their own.
CREATE TABLE service (
  fid SERIAL NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom geometry(POINT, 4326),
  min_x DOUBLE PRECISION,
  max_x DOUBLE PRECISION,
  min_y DOUBLE PRECISION,
  max_y DOUBLE PRECISION,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  name_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_th_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  audience TEXT COLLATE "C" DEFAULT '' NOT NULL,
  life_event TEXT COLLATE "C" DEFAULT '' NOT NULL,
  review_state TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_service PRIMARY KEY (fid),
  CONSTRAINT uq_service_id_view UNIQUE (id, view),
  CONSTRAINT ck_service_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_service_agency_id ON service (view, agency_id, fid);
CREATE INDEX ix_service_audience ON service (view, audience, fid);
CREATE INDEX ix_service_code ON service (view, code, fid);
CREATE INDEX ix_service_fid ON service (view, fid);
CREATE INDEX ix_service_life_event ON service (view, life_event, fid);
CREATE INDEX ix_service_name_en_key ON service (view, name_en_key);
CREATE INDEX ix_service_name_sort_en ON service (view, name_sort_en, fid);
CREATE INDEX ix_service_name_sort_th ON service (view, name_sort_th, fid);
CREATE INDEX ix_service_name_th_key ON service (view, name_th_key);
CREATE INDEX ix_service_review_state ON service (view, review_state, fid);
CREATE INDEX ix_service_scope_agency ON service (scope_agency_id);
CREATE INDEX ix_service_scope_area ON service (scope_area_code);
CREATE INDEX ix_service_updated_at ON service (view, updated_at, fid);
CREATE UNIQUE INDEX uq_service_code ON service (code) WHERE view = 'published';
CREATE INDEX ix_service_geom ON service USING gist (geom);
CREATE INDEX ix_service_search ON service USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE TABLE point_service (
  fid SERIAL NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom geometry(POINT, 4326),
  min_x DOUBLE PRECISION,
  max_x DOUBLE PRECISION,
  min_y DOUBLE PRECISION,
  max_y DOUBLE PRECISION,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  name_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_th_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  point_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  service_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  province_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  district_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  subdistrict_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  is_offered BOOLEAN DEFAULT '0' NOT NULL,
  CONSTRAINT pk_point_service PRIMARY KEY (fid),
  CONSTRAINT uq_point_service_id_view UNIQUE (id, view),
  CONSTRAINT ck_point_service_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_point_service_district_code ON point_service (view, district_code, fid);
CREATE INDEX ix_point_service_fid ON point_service (view, fid);
CREATE INDEX ix_point_service_point_id ON point_service (view, point_id, fid);
CREATE INDEX ix_point_service_province_code ON point_service (view, province_code, fid);
CREATE INDEX ix_point_service_scope_agency ON point_service (scope_agency_id);
CREATE INDEX ix_point_service_scope_area ON point_service (scope_area_code);
CREATE INDEX ix_point_service_service_id ON point_service (view, service_id, fid);
CREATE INDEX ix_point_service_subdistrict_code ON point_service (view, subdistrict_code, fid);
CREATE INDEX ix_point_service_updated_at ON point_service (view, updated_at, fid);
CREATE UNIQUE INDEX uq_point_service_service_id ON point_service (point_id, service_id) WHERE view = 'working';
CREATE INDEX ix_point_service_geom ON point_service USING gist (geom);
CREATE INDEX ix_point_service_search ON point_service USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE TABLE copy_requirement (
  fid SERIAL NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom geometry(POINT, 4326),
  min_x DOUBLE PRECISION,
  max_x DOUBLE PRECISION,
  min_y DOUBLE PRECISION,
  max_y DOUBLE PRECISION,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  name_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_th_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  point_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  service_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  document_type TEXT COLLATE "C" DEFAULT '' NOT NULL,
  copy_class TEXT COLLATE "C" DEFAULT '' NOT NULL,
  plan_on TEXT COLLATE "C" DEFAULT '' NOT NULL,
  province_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  district_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  subdistrict_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_copy_requirement PRIMARY KEY (fid),
  CONSTRAINT uq_copy_requirement_id_view UNIQUE (id, view),
  CONSTRAINT ck_copy_requirement_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_copy_requirement_copy_class ON copy_requirement (view, copy_class, fid);
CREATE INDEX ix_copy_requirement_district_code ON copy_requirement (view, district_code, fid);
CREATE INDEX ix_copy_requirement_document_type ON copy_requirement (view, document_type, fid);
CREATE INDEX ix_copy_requirement_fid ON copy_requirement (view, fid);
CREATE INDEX ix_copy_requirement_plan_on ON copy_requirement (view, plan_on, fid);
CREATE INDEX ix_copy_requirement_point_id ON copy_requirement (view, point_id, fid);
CREATE INDEX ix_copy_requirement_province_code ON copy_requirement (view, province_code, fid);
CREATE INDEX ix_copy_requirement_scope_agency ON copy_requirement (scope_agency_id);
CREATE INDEX ix_copy_requirement_scope_area ON copy_requirement (scope_area_code);
CREATE INDEX ix_copy_requirement_service_id ON copy_requirement (view, service_id, fid);
CREATE INDEX ix_copy_requirement_subdistrict_code ON copy_requirement (view, subdistrict_code, fid);
CREATE INDEX ix_copy_requirement_updated_at ON copy_requirement (view, updated_at, fid);
CREATE UNIQUE INDEX uq_copy_requirement_document_type ON copy_requirement (point_id, service_id, document_type) WHERE view = 'working';
CREATE INDEX ix_copy_requirement_geom ON copy_requirement USING gist (geom);
CREATE INDEX ix_copy_requirement_search ON copy_requirement USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE TABLE legal_instrument (
  fid SERIAL NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom geometry(POINT, 4326),
  min_x DOUBLE PRECISION,
  max_x DOUBLE PRECISION,
  min_y DOUBLE PRECISION,
  max_y DOUBLE PRECISION,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  name_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_th_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  instrument_type TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_legal_instrument PRIMARY KEY (fid),
  CONSTRAINT uq_legal_instrument_id_view UNIQUE (id, view),
  CONSTRAINT ck_legal_instrument_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_legal_instrument_code ON legal_instrument (view, code, fid);
CREATE INDEX ix_legal_instrument_fid ON legal_instrument (view, fid);
CREATE INDEX ix_legal_instrument_instrument_type ON legal_instrument (view, instrument_type, fid);
CREATE INDEX ix_legal_instrument_name_en_key ON legal_instrument (view, name_en_key);
CREATE INDEX ix_legal_instrument_name_sort_en ON legal_instrument (view, name_sort_en, fid);
CREATE INDEX ix_legal_instrument_name_sort_th ON legal_instrument (view, name_sort_th, fid);
CREATE INDEX ix_legal_instrument_name_th_key ON legal_instrument (view, name_th_key);
CREATE INDEX ix_legal_instrument_scope_agency ON legal_instrument (scope_agency_id);
CREATE INDEX ix_legal_instrument_scope_area ON legal_instrument (scope_area_code);
CREATE INDEX ix_legal_instrument_updated_at ON legal_instrument (view, updated_at, fid);
CREATE UNIQUE INDEX uq_legal_instrument_code ON legal_instrument (code) WHERE view = 'published';
CREATE INDEX ix_legal_instrument_geom ON legal_instrument USING gist (geom);
CREATE INDEX ix_legal_instrument_search ON legal_instrument USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE TABLE assignment (
  fid SERIAL NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom geometry(POINT, 4326),
  min_x DOUBLE PRECISION,
  max_x DOUBLE PRECISION,
  min_y DOUBLE PRECISION,
  max_y DOUBLE PRECISION,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  name_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_th_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  owner_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  point_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  state TEXT COLLATE "C" DEFAULT '' NOT NULL,
  due_on TEXT COLLATE "C" DEFAULT '' NOT NULL,
  campaign TEXT COLLATE "C" DEFAULT '' NOT NULL,
  province_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  district_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_assignment PRIMARY KEY (fid),
  CONSTRAINT uq_assignment_id_view UNIQUE (id, view),
  CONSTRAINT ck_assignment_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_assignment_agency_id ON assignment (view, agency_id, fid);
CREATE INDEX ix_assignment_campaign ON assignment (view, campaign, fid);
CREATE INDEX ix_assignment_district_code ON assignment (view, district_code, fid);
CREATE INDEX ix_assignment_due_on ON assignment (view, due_on, fid);
CREATE INDEX ix_assignment_fid ON assignment (view, fid);
CREATE INDEX ix_assignment_name_en_key ON assignment (view, name_en_key);
CREATE INDEX ix_assignment_name_sort_en ON assignment (view, name_sort_en, fid);
CREATE INDEX ix_assignment_name_sort_th ON assignment (view, name_sort_th, fid);
CREATE INDEX ix_assignment_name_th_key ON assignment (view, name_th_key);
CREATE INDEX ix_assignment_owner_id ON assignment (view, owner_id, fid);
CREATE INDEX ix_assignment_point_id ON assignment (view, point_id, fid);
CREATE INDEX ix_assignment_province_code ON assignment (view, province_code, fid);
CREATE INDEX ix_assignment_scope_agency ON assignment (scope_agency_id);
CREATE INDEX ix_assignment_scope_area ON assignment (scope_area_code);
CREATE INDEX ix_assignment_state ON assignment (view, state, fid);
CREATE INDEX ix_assignment_updated_at ON assignment (view, updated_at, fid);
CREATE INDEX ix_assignment_geom ON assignment USING gist (geom);
CREATE INDEX ix_assignment_search ON assignment USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE TABLE photo (
  fid SERIAL NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom geometry(POINT, 4326),
  min_x DOUBLE PRECISION,
  max_x DOUBLE PRECISION,
  min_y DOUBLE PRECISION,
  max_y DOUBLE PRECISION,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  name_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_th_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  point_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  kind TEXT COLLATE "C" DEFAULT '' NOT NULL,
  phash TEXT COLLATE "C" DEFAULT '' NOT NULL,
  province_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  district_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_photo PRIMARY KEY (fid),
  CONSTRAINT uq_photo_id_view UNIQUE (id, view),
  CONSTRAINT ck_photo_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_photo_district_code ON photo (view, district_code, fid);
CREATE INDEX ix_photo_fid ON photo (view, fid);
CREATE INDEX ix_photo_kind ON photo (view, kind, fid);
CREATE INDEX ix_photo_phash ON photo (view, phash, fid);
CREATE INDEX ix_photo_point_id ON photo (view, point_id, fid);
CREATE INDEX ix_photo_province_code ON photo (view, province_code, fid);
CREATE INDEX ix_photo_scope_agency ON photo (scope_agency_id);
CREATE INDEX ix_photo_scope_area ON photo (scope_area_code);
CREATE INDEX ix_photo_updated_at ON photo (view, updated_at, fid);
CREATE INDEX ix_photo_geom ON photo USING gist (geom);
CREATE INDEX ix_photo_search ON photo USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE TABLE draft (
  fid SERIAL NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom geometry(POINT, 4326),
  min_x DOUBLE PRECISION,
  max_x DOUBLE PRECISION,
  min_y DOUBLE PRECISION,
  max_y DOUBLE PRECISION,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  name_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_th_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  owner_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  point_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_draft PRIMARY KEY (fid),
  CONSTRAINT uq_draft_id_view UNIQUE (id, view),
  CONSTRAINT ck_draft_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_draft_fid ON draft (view, fid);
CREATE INDEX ix_draft_owner_id ON draft (view, owner_id, fid);
CREATE INDEX ix_draft_point_id ON draft (view, point_id, fid);
CREATE INDEX ix_draft_scope_agency ON draft (scope_agency_id);
CREATE INDEX ix_draft_scope_area ON draft (scope_area_code);
CREATE INDEX ix_draft_updated_at ON draft (view, updated_at, fid);
CREATE UNIQUE INDEX uq_draft_point_id ON draft (owner_id, point_id) WHERE view = 'working';
CREATE INDEX ix_draft_geom ON draft USING gist (geom);
CREATE INDEX ix_draft_search ON draft USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE TABLE task (
  fid SERIAL NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom geometry(POINT, 4326),
  min_x DOUBLE PRECISION,
  max_x DOUBLE PRECISION,
  min_y DOUBLE PRECISION,
  max_y DOUBLE PRECISION,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  name_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_th_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_en_key TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_th TEXT COLLATE "C" DEFAULT '' NOT NULL,
  name_sort_en TEXT COLLATE "C" DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  owner_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  point_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  service_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  kind TEXT COLLATE "C" DEFAULT '' NOT NULL,
  state TEXT COLLATE "C" DEFAULT '' NOT NULL,
  due_on TEXT COLLATE "C" DEFAULT '' NOT NULL,
  province_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  district_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_task PRIMARY KEY (fid),
  CONSTRAINT uq_task_id_view UNIQUE (id, view),
  CONSTRAINT ck_task_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_task_district_code ON task (view, district_code, fid);
CREATE INDEX ix_task_due_on ON task (view, due_on, fid);
CREATE INDEX ix_task_fid ON task (view, fid);
CREATE INDEX ix_task_kind ON task (view, kind, fid);
CREATE INDEX ix_task_owner_id ON task (view, owner_id, fid);
CREATE INDEX ix_task_point_id ON task (view, point_id, fid);
CREATE INDEX ix_task_province_code ON task (view, province_code, fid);
CREATE INDEX ix_task_scope_agency ON task (scope_agency_id);
CREATE INDEX ix_task_scope_area ON task (scope_area_code);
CREATE INDEX ix_task_service_id ON task (view, service_id, fid);
CREATE INDEX ix_task_state ON task (view, state, fid);
CREATE INDEX ix_task_updated_at ON task (view, updated_at, fid);
CREATE INDEX ix_task_geom ON task USING gist (geom);
CREATE INDEX ix_task_search ON task USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE TABLE upload (
  id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  point_id TEXT COLLATE "C" NOT NULL,
  length INTEGER NOT NULL,
  received INTEGER DEFAULT '0' NOT NULL,
  metadata TEXT DEFAULT '{}' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_upload PRIMARY KEY (id)
);
CREATE INDEX ix_upload_expires_at ON upload (expires_at);
CREATE INDEX ix_upload_user_id ON upload (user_id);
CREATE TABLE profile (
  user_id TEXT COLLATE "C" NOT NULL,
  phone TEXT DEFAULT '' NOT NULL,
  confirmed_at TIMESTAMP WITH TIME ZONE,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_profile PRIMARY KEY (user_id),
  CONSTRAINT fk_profile_user_id FOREIGN KEY(user_id) REFERENCES user_account (id)
);
