-- The first schema for PostgreSQL with PostGIS. Frozen: later changes are steps of their own.
CREATE TABLE agency (
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
  agency_type TEXT COLLATE "C" DEFAULT '' NOT NULL,
  parent_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  province_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  district_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_agency PRIMARY KEY (fid),
  CONSTRAINT uq_agency_id_view UNIQUE (id, view),
  CONSTRAINT ck_agency_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_agency_code ON agency (view, code);
CREATE INDEX ix_agency_fid ON agency (view, fid);
CREATE INDEX ix_agency_name_en_key ON agency (view, name_en_key);
CREATE INDEX ix_agency_name_sort_en ON agency (view, name_sort_en, fid);
CREATE INDEX ix_agency_name_sort_th ON agency (view, name_sort_th, fid);
CREATE INDEX ix_agency_name_th_key ON agency (view, name_th_key);
CREATE INDEX ix_agency_updated_at ON agency (view, updated_at, fid);
CREATE TABLE agency_closure (
  ancestor_id TEXT COLLATE "C" NOT NULL,
  descendant_id TEXT COLLATE "C" NOT NULL,
  CONSTRAINT pk_agency_closure PRIMARY KEY (ancestor_id, descendant_id)
);
CREATE INDEX ix_agency_closure_descendant ON agency_closure (descendant_id);
CREATE TABLE area (
  fid SERIAL NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom geometry(MULTIPOLYGON, 4326),
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
  level TEXT COLLATE "C" DEFAULT '' NOT NULL,
  parent_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  postal_codes TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_area PRIMARY KEY (fid),
  CONSTRAINT uq_area_id_view UNIQUE (id, view),
  CONSTRAINT ck_area_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_area_fid ON area (view, fid);
CREATE INDEX ix_area_level ON area (view, level, fid);
CREATE INDEX ix_area_name_en_key ON area (view, name_en_key);
CREATE INDEX ix_area_name_sort_en ON area (view, name_sort_en, fid);
CREATE INDEX ix_area_name_sort_th ON area (view, name_sort_th, fid);
CREATE INDEX ix_area_name_th_key ON area (view, name_th_key);
CREATE INDEX ix_area_updated_at ON area (view, updated_at, fid);
CREATE TABLE audit (
  id BIGSERIAL NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  actor_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  subject_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  request_id TEXT DEFAULT '' NOT NULL,
  detail TEXT DEFAULT '{}' NOT NULL,
  CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE INDEX ix_audit_at ON audit (at);
CREATE TABLE change (
  seq BIGSERIAL NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  collection TEXT COLLATE "C" NOT NULL,
  item_id TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  operation TEXT NOT NULL,
  public_effect TEXT COLLATE "C" DEFAULT '' NOT NULL,
  actor_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  client TEXT DEFAULT '' NOT NULL,
  request_id TEXT DEFAULT '' NOT NULL,
  reason TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  document TEXT,
  public_document TEXT,
  CONSTRAINT pk_change PRIMARY KEY (seq)
);
CREATE INDEX ix_change_item ON change (collection, item_id, seq);
CREATE INDEX ix_change_public ON change (collection, public_effect, seq);
CREATE TABLE holiday (
  date DATE NOT NULL,
  name_th TEXT NOT NULL,
  name_en TEXT NOT NULL,
  kind TEXT NOT NULL,
  CONSTRAINT pk_holiday PRIMARY KEY (date)
);
CREATE TABLE idempotency (
  user_id TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  request_hash TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_idempotency PRIMARY KEY (user_id, key)
);
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);
CREATE TABLE import_base (
  kind TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  item_id TEXT COLLATE "C" NOT NULL,
  document TEXT NOT NULL,
  CONSTRAINT pk_import_base PRIMARY KEY (kind, key)
);
CREATE TABLE import_run (
  id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  source_sha256 TEXT NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  finished_at TIMESTAMP WITH TIME ZONE,
  counts TEXT DEFAULT '{}' NOT NULL,
  CONSTRAINT pk_import_run PRIMARY KEY (id)
);
CREATE TABLE login_throttle (
  key TEXT COLLATE "C" NOT NULL,
  failures INTEGER NOT NULL,
  first_failure_at TIMESTAMP WITH TIME ZONE NOT NULL,
  locked_until TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_login_throttle PRIMARY KEY (key)
);
CREATE TABLE service_point (
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
  category TEXT COLLATE "C" DEFAULT '' NOT NULL,
  agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  province_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  district_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  subdistrict_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  postal_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  state TEXT COLLATE "C" DEFAULT '' NOT NULL,
  status TEXT COLLATE "C" DEFAULT '' NOT NULL,
  official_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  short_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  parent_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  is_branch BOOLEAN DEFAULT '0' NOT NULL,
  editors TEXT DEFAULT '[]' NOT NULL,
  CONSTRAINT pk_service_point PRIMARY KEY (fid),
  CONSTRAINT uq_service_point_id_view UNIQUE (id, view),
  CONSTRAINT ck_service_point_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_service_point_agency_id ON service_point (view, agency_id, fid);
CREATE INDEX ix_service_point_category ON service_point (view, category, fid);
CREATE INDEX ix_service_point_district_code ON service_point (view, district_code, fid);
CREATE INDEX ix_service_point_fid ON service_point (view, fid);
CREATE INDEX ix_service_point_name_en_key ON service_point (view, name_en_key);
CREATE INDEX ix_service_point_name_sort_en ON service_point (view, name_sort_en, fid);
CREATE INDEX ix_service_point_name_sort_th ON service_point (view, name_sort_th, fid);
CREATE INDEX ix_service_point_name_th_key ON service_point (view, name_th_key);
CREATE INDEX ix_service_point_official_id ON service_point (view, official_id, fid);
CREATE INDEX ix_service_point_parent_id ON service_point (view, parent_id, fid);
CREATE INDEX ix_service_point_scope_agency ON service_point (scope_agency_id);
CREATE INDEX ix_service_point_scope_area ON service_point (scope_area_code);
CREATE INDEX ix_service_point_short_code ON service_point (view, short_code, fid);
CREATE INDEX ix_service_point_state ON service_point (view, state, fid);
CREATE INDEX ix_service_point_subdistrict_code ON service_point (view, subdistrict_code, fid);
CREATE INDEX ix_service_point_updated_at ON service_point (view, updated_at, fid);
CREATE UNIQUE INDEX uq_service_point_short_code ON service_point (short_code) WHERE view = 'working' AND short_code <> '';
CREATE TABLE site_meta (
  key TEXT COLLATE "C" NOT NULL,
  value TEXT NOT NULL,
  CONSTRAINT pk_site_meta PRIMARY KEY (key)
);
CREATE TABLE user_account (
  id TEXT COLLATE "C" NOT NULL,
  username TEXT COLLATE "C" NOT NULL,
  display_name TEXT NOT NULL,
  password_hash TEXT DEFAULT '' NOT NULL,
  must_change_password BOOLEAN DEFAULT '0' NOT NULL,
  language TEXT DEFAULT 'th' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  disabled_at TIMESTAMP WITH TIME ZONE,
  revision INTEGER DEFAULT '1' NOT NULL,
  CONSTRAINT pk_user_account PRIMARY KEY (id),
  CONSTRAINT uq_user_account_username UNIQUE (username)
);
CREATE TABLE credential (
  id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  secret_hash TEXT COLLATE "C" NOT NULL,
  label TEXT DEFAULT '' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_used_at TIMESTAMP WITH TIME ZONE,
  expires_at TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_credential PRIMARY KEY (id),
  CONSTRAINT ck_credential_kind CHECK (kind IN ('session', 'token')),
  CONSTRAINT fk_credential_user_id FOREIGN KEY(user_id) REFERENCES user_account (id),
  CONSTRAINT uq_credential_secret_hash UNIQUE (secret_hash)
);
CREATE INDEX ix_credential_user_id ON credential (user_id);
CREATE TABLE import_row (
  run_id TEXT COLLATE "C" NOT NULL,
  row_number INTEGER NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  document TEXT NOT NULL,
  CONSTRAINT pk_import_row PRIMARY KEY (run_id, row_number),
  CONSTRAINT fk_import_row_run_id FOREIGN KEY(run_id) REFERENCES import_run (id)
);
CREATE TABLE role_grant (
  id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  valid_from DATE,
  valid_to DATE,
  granted_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_role_grant PRIMARY KEY (id),
  CONSTRAINT fk_role_grant_user_id FOREIGN KEY(user_id) REFERENCES user_account (id)
);
CREATE INDEX ix_role_grant_user_id ON role_grant (user_id);
CREATE INDEX ix_service_point_geom ON service_point USING gist (geom);
CREATE INDEX ix_service_point_search ON service_point USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX ix_agency_geom ON agency USING gist (geom);
CREATE INDEX ix_agency_search ON agency USING gin (search gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX ix_area_geom ON area USING gist (geom);
CREATE INDEX ix_area_search ON area USING gin (search gin_trgm_ops) WITH (fastupdate = off);
