-- Services, copies, photos, assignments, drafts and tasks. Frozen: later changes are steps of their own.
CREATE TABLE service (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  "view" TEXT NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom POINT,
  min_x DOUBLE,
  max_x DOUBLE,
  min_y DOUBLE,
  max_y DOUBLE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  name_th TEXT DEFAULT '' NOT NULL,
  name_en TEXT DEFAULT '' NOT NULL,
  name_th_key TEXT DEFAULT '' NOT NULL,
  name_en_key TEXT DEFAULT '' NOT NULL,
  name_sort_th TEXT DEFAULT '' NOT NULL,
  name_sort_en TEXT DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT DEFAULT '' NOT NULL,
  scope_area_code TEXT DEFAULT '' NOT NULL,
  code TEXT DEFAULT '' NOT NULL,
  agency_id TEXT DEFAULT '' NOT NULL,
  audience TEXT DEFAULT '' NOT NULL,
  life_event TEXT DEFAULT '' NOT NULL,
  review_state TEXT DEFAULT '' NOT NULL,
  CONSTRAINT uq_service_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_service_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_service_agency_id ON service ("view", agency_id, fid);
CREATE INDEX ix_service_audience ON service ("view", audience, fid);
CREATE INDEX ix_service_code ON service ("view", code, fid);
CREATE INDEX ix_service_fid ON service ("view", fid);
CREATE INDEX ix_service_life_event ON service ("view", life_event, fid);
CREATE INDEX ix_service_name_en_key ON service ("view", name_en_key);
CREATE INDEX ix_service_name_sort_en ON service ("view", name_sort_en, fid);
CREATE INDEX ix_service_name_sort_th ON service ("view", name_sort_th, fid);
CREATE INDEX ix_service_name_th_key ON service ("view", name_th_key);
CREATE INDEX ix_service_review_state ON service ("view", review_state, fid);
CREATE INDEX ix_service_scope_agency ON service (scope_agency_id);
CREATE INDEX ix_service_scope_area ON service (scope_area_code);
CREATE INDEX ix_service_updated_at ON service ("view", updated_at, fid);
CREATE UNIQUE INDEX uq_service_code ON service (code) WHERE view = 'published';
CREATE VIRTUAL TABLE service_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE service_fts USING fts5(search, content='service', content_rowid='fid', tokenize='trigram');
CREATE TRIGGER service_ai AFTER INSERT ON service BEGIN INSERT INTO service_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO service_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER service_ad AFTER DELETE ON service BEGIN DELETE FROM service_rtree WHERE fid = old.fid; INSERT INTO service_fts(service_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER service_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON service WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM service_rtree WHERE fid = old.fid; INSERT INTO service_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER service_au_words AFTER UPDATE OF search ON service WHEN old.search <> new.search BEGIN INSERT INTO service_fts(service_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO service_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TABLE point_service (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  "view" TEXT NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom POINT,
  min_x DOUBLE,
  max_x DOUBLE,
  min_y DOUBLE,
  max_y DOUBLE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  name_th TEXT DEFAULT '' NOT NULL,
  name_en TEXT DEFAULT '' NOT NULL,
  name_th_key TEXT DEFAULT '' NOT NULL,
  name_en_key TEXT DEFAULT '' NOT NULL,
  name_sort_th TEXT DEFAULT '' NOT NULL,
  name_sort_en TEXT DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT DEFAULT '' NOT NULL,
  scope_area_code TEXT DEFAULT '' NOT NULL,
  point_id TEXT DEFAULT '' NOT NULL,
  service_id TEXT DEFAULT '' NOT NULL,
  province_code TEXT DEFAULT '' NOT NULL,
  district_code TEXT DEFAULT '' NOT NULL,
  subdistrict_code TEXT DEFAULT '' NOT NULL,
  is_offered BOOLEAN DEFAULT '0' NOT NULL,
  CONSTRAINT uq_point_service_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_point_service_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_point_service_district_code ON point_service ("view", district_code, fid);
CREATE INDEX ix_point_service_fid ON point_service ("view", fid);
CREATE INDEX ix_point_service_point_id ON point_service ("view", point_id, fid);
CREATE INDEX ix_point_service_province_code ON point_service ("view", province_code, fid);
CREATE INDEX ix_point_service_scope_agency ON point_service (scope_agency_id);
CREATE INDEX ix_point_service_scope_area ON point_service (scope_area_code);
CREATE INDEX ix_point_service_service_id ON point_service ("view", service_id, fid);
CREATE INDEX ix_point_service_subdistrict_code ON point_service ("view", subdistrict_code, fid);
CREATE INDEX ix_point_service_updated_at ON point_service ("view", updated_at, fid);
CREATE UNIQUE INDEX uq_point_service_service_id ON point_service (point_id, service_id) WHERE view = 'working';
CREATE VIRTUAL TABLE point_service_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE point_service_fts USING fts5(search, content='point_service', content_rowid='fid', tokenize='trigram');
CREATE TRIGGER point_service_ai AFTER INSERT ON point_service BEGIN INSERT INTO point_service_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO point_service_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER point_service_ad AFTER DELETE ON point_service BEGIN DELETE FROM point_service_rtree WHERE fid = old.fid; INSERT INTO point_service_fts(point_service_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER point_service_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON point_service WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM point_service_rtree WHERE fid = old.fid; INSERT INTO point_service_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER point_service_au_words AFTER UPDATE OF search ON point_service WHEN old.search <> new.search BEGIN INSERT INTO point_service_fts(point_service_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO point_service_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TABLE copy_requirement (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  "view" TEXT NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom POINT,
  min_x DOUBLE,
  max_x DOUBLE,
  min_y DOUBLE,
  max_y DOUBLE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  name_th TEXT DEFAULT '' NOT NULL,
  name_en TEXT DEFAULT '' NOT NULL,
  name_th_key TEXT DEFAULT '' NOT NULL,
  name_en_key TEXT DEFAULT '' NOT NULL,
  name_sort_th TEXT DEFAULT '' NOT NULL,
  name_sort_en TEXT DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT DEFAULT '' NOT NULL,
  scope_area_code TEXT DEFAULT '' NOT NULL,
  point_id TEXT DEFAULT '' NOT NULL,
  service_id TEXT DEFAULT '' NOT NULL,
  document_type TEXT DEFAULT '' NOT NULL,
  copy_class TEXT DEFAULT '' NOT NULL,
  plan_on TEXT DEFAULT '' NOT NULL,
  province_code TEXT DEFAULT '' NOT NULL,
  district_code TEXT DEFAULT '' NOT NULL,
  subdistrict_code TEXT DEFAULT '' NOT NULL,
  CONSTRAINT uq_copy_requirement_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_copy_requirement_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_copy_requirement_copy_class ON copy_requirement ("view", copy_class, fid);
CREATE INDEX ix_copy_requirement_district_code ON copy_requirement ("view", district_code, fid);
CREATE INDEX ix_copy_requirement_document_type ON copy_requirement ("view", document_type, fid);
CREATE INDEX ix_copy_requirement_fid ON copy_requirement ("view", fid);
CREATE INDEX ix_copy_requirement_plan_on ON copy_requirement ("view", plan_on, fid);
CREATE INDEX ix_copy_requirement_point_id ON copy_requirement ("view", point_id, fid);
CREATE INDEX ix_copy_requirement_province_code ON copy_requirement ("view", province_code, fid);
CREATE INDEX ix_copy_requirement_scope_agency ON copy_requirement (scope_agency_id);
CREATE INDEX ix_copy_requirement_scope_area ON copy_requirement (scope_area_code);
CREATE INDEX ix_copy_requirement_service_id ON copy_requirement ("view", service_id, fid);
CREATE INDEX ix_copy_requirement_subdistrict_code ON copy_requirement ("view", subdistrict_code, fid);
CREATE INDEX ix_copy_requirement_updated_at ON copy_requirement ("view", updated_at, fid);
CREATE UNIQUE INDEX uq_copy_requirement_document_type ON copy_requirement (point_id, service_id, document_type) WHERE view = 'working';
CREATE VIRTUAL TABLE copy_requirement_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE copy_requirement_fts USING fts5(search, content='copy_requirement', content_rowid='fid', tokenize='trigram');
CREATE TRIGGER copy_requirement_ai AFTER INSERT ON copy_requirement BEGIN INSERT INTO copy_requirement_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO copy_requirement_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER copy_requirement_ad AFTER DELETE ON copy_requirement BEGIN DELETE FROM copy_requirement_rtree WHERE fid = old.fid; INSERT INTO copy_requirement_fts(copy_requirement_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER copy_requirement_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON copy_requirement WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM copy_requirement_rtree WHERE fid = old.fid; INSERT INTO copy_requirement_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER copy_requirement_au_words AFTER UPDATE OF search ON copy_requirement WHEN old.search <> new.search BEGIN INSERT INTO copy_requirement_fts(copy_requirement_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO copy_requirement_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TABLE legal_instrument (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  "view" TEXT NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom POINT,
  min_x DOUBLE,
  max_x DOUBLE,
  min_y DOUBLE,
  max_y DOUBLE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  name_th TEXT DEFAULT '' NOT NULL,
  name_en TEXT DEFAULT '' NOT NULL,
  name_th_key TEXT DEFAULT '' NOT NULL,
  name_en_key TEXT DEFAULT '' NOT NULL,
  name_sort_th TEXT DEFAULT '' NOT NULL,
  name_sort_en TEXT DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT DEFAULT '' NOT NULL,
  scope_area_code TEXT DEFAULT '' NOT NULL,
  code TEXT DEFAULT '' NOT NULL,
  instrument_type TEXT DEFAULT '' NOT NULL,
  CONSTRAINT uq_legal_instrument_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_legal_instrument_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_legal_instrument_code ON legal_instrument ("view", code, fid);
CREATE INDEX ix_legal_instrument_fid ON legal_instrument ("view", fid);
CREATE INDEX ix_legal_instrument_instrument_type ON legal_instrument ("view", instrument_type, fid);
CREATE INDEX ix_legal_instrument_name_en_key ON legal_instrument ("view", name_en_key);
CREATE INDEX ix_legal_instrument_name_sort_en ON legal_instrument ("view", name_sort_en, fid);
CREATE INDEX ix_legal_instrument_name_sort_th ON legal_instrument ("view", name_sort_th, fid);
CREATE INDEX ix_legal_instrument_name_th_key ON legal_instrument ("view", name_th_key);
CREATE INDEX ix_legal_instrument_scope_agency ON legal_instrument (scope_agency_id);
CREATE INDEX ix_legal_instrument_scope_area ON legal_instrument (scope_area_code);
CREATE INDEX ix_legal_instrument_updated_at ON legal_instrument ("view", updated_at, fid);
CREATE UNIQUE INDEX uq_legal_instrument_code ON legal_instrument (code) WHERE view = 'published';
CREATE VIRTUAL TABLE legal_instrument_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE legal_instrument_fts USING fts5(search, content='legal_instrument', content_rowid='fid', tokenize='trigram');
CREATE TRIGGER legal_instrument_ai AFTER INSERT ON legal_instrument BEGIN INSERT INTO legal_instrument_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO legal_instrument_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER legal_instrument_ad AFTER DELETE ON legal_instrument BEGIN DELETE FROM legal_instrument_rtree WHERE fid = old.fid; INSERT INTO legal_instrument_fts(legal_instrument_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER legal_instrument_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON legal_instrument WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM legal_instrument_rtree WHERE fid = old.fid; INSERT INTO legal_instrument_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER legal_instrument_au_words AFTER UPDATE OF search ON legal_instrument WHEN old.search <> new.search BEGIN INSERT INTO legal_instrument_fts(legal_instrument_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO legal_instrument_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TABLE assignment (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  "view" TEXT NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom POINT,
  min_x DOUBLE,
  max_x DOUBLE,
  min_y DOUBLE,
  max_y DOUBLE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  name_th TEXT DEFAULT '' NOT NULL,
  name_en TEXT DEFAULT '' NOT NULL,
  name_th_key TEXT DEFAULT '' NOT NULL,
  name_en_key TEXT DEFAULT '' NOT NULL,
  name_sort_th TEXT DEFAULT '' NOT NULL,
  name_sort_en TEXT DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT DEFAULT '' NOT NULL,
  scope_area_code TEXT DEFAULT '' NOT NULL,
  owner_id TEXT DEFAULT '' NOT NULL,
  point_id TEXT DEFAULT '' NOT NULL,
  agency_id TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  due_on TEXT DEFAULT '' NOT NULL,
  campaign TEXT DEFAULT '' NOT NULL,
  province_code TEXT DEFAULT '' NOT NULL,
  district_code TEXT DEFAULT '' NOT NULL,
  CONSTRAINT uq_assignment_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_assignment_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_assignment_agency_id ON assignment ("view", agency_id, fid);
CREATE INDEX ix_assignment_campaign ON assignment ("view", campaign, fid);
CREATE INDEX ix_assignment_district_code ON assignment ("view", district_code, fid);
CREATE INDEX ix_assignment_due_on ON assignment ("view", due_on, fid);
CREATE INDEX ix_assignment_fid ON assignment ("view", fid);
CREATE INDEX ix_assignment_name_en_key ON assignment ("view", name_en_key);
CREATE INDEX ix_assignment_name_sort_en ON assignment ("view", name_sort_en, fid);
CREATE INDEX ix_assignment_name_sort_th ON assignment ("view", name_sort_th, fid);
CREATE INDEX ix_assignment_name_th_key ON assignment ("view", name_th_key);
CREATE INDEX ix_assignment_owner_id ON assignment ("view", owner_id, fid);
CREATE INDEX ix_assignment_point_id ON assignment ("view", point_id, fid);
CREATE INDEX ix_assignment_province_code ON assignment ("view", province_code, fid);
CREATE INDEX ix_assignment_scope_agency ON assignment (scope_agency_id);
CREATE INDEX ix_assignment_scope_area ON assignment (scope_area_code);
CREATE INDEX ix_assignment_state ON assignment ("view", state, fid);
CREATE INDEX ix_assignment_updated_at ON assignment ("view", updated_at, fid);
CREATE VIRTUAL TABLE assignment_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE assignment_fts USING fts5(search, content='assignment', content_rowid='fid', tokenize='trigram');
CREATE TRIGGER assignment_ai AFTER INSERT ON assignment BEGIN INSERT INTO assignment_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO assignment_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER assignment_ad AFTER DELETE ON assignment BEGIN DELETE FROM assignment_rtree WHERE fid = old.fid; INSERT INTO assignment_fts(assignment_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER assignment_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON assignment WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM assignment_rtree WHERE fid = old.fid; INSERT INTO assignment_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER assignment_au_words AFTER UPDATE OF search ON assignment WHEN old.search <> new.search BEGIN INSERT INTO assignment_fts(assignment_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO assignment_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TABLE photo (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  "view" TEXT NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom POINT,
  min_x DOUBLE,
  max_x DOUBLE,
  min_y DOUBLE,
  max_y DOUBLE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  name_th TEXT DEFAULT '' NOT NULL,
  name_en TEXT DEFAULT '' NOT NULL,
  name_th_key TEXT DEFAULT '' NOT NULL,
  name_en_key TEXT DEFAULT '' NOT NULL,
  name_sort_th TEXT DEFAULT '' NOT NULL,
  name_sort_en TEXT DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT DEFAULT '' NOT NULL,
  scope_area_code TEXT DEFAULT '' NOT NULL,
  point_id TEXT DEFAULT '' NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  phash TEXT DEFAULT '' NOT NULL,
  province_code TEXT DEFAULT '' NOT NULL,
  district_code TEXT DEFAULT '' NOT NULL,
  CONSTRAINT uq_photo_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_photo_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_photo_district_code ON photo ("view", district_code, fid);
CREATE INDEX ix_photo_fid ON photo ("view", fid);
CREATE INDEX ix_photo_kind ON photo ("view", kind, fid);
CREATE INDEX ix_photo_phash ON photo ("view", phash, fid);
CREATE INDEX ix_photo_point_id ON photo ("view", point_id, fid);
CREATE INDEX ix_photo_province_code ON photo ("view", province_code, fid);
CREATE INDEX ix_photo_scope_agency ON photo (scope_agency_id);
CREATE INDEX ix_photo_scope_area ON photo (scope_area_code);
CREATE INDEX ix_photo_updated_at ON photo ("view", updated_at, fid);
CREATE VIRTUAL TABLE photo_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE photo_fts USING fts5(search, content='photo', content_rowid='fid', tokenize='trigram');
CREATE TRIGGER photo_ai AFTER INSERT ON photo BEGIN INSERT INTO photo_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO photo_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER photo_ad AFTER DELETE ON photo BEGIN DELETE FROM photo_rtree WHERE fid = old.fid; INSERT INTO photo_fts(photo_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER photo_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON photo WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM photo_rtree WHERE fid = old.fid; INSERT INTO photo_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER photo_au_words AFTER UPDATE OF search ON photo WHEN old.search <> new.search BEGIN INSERT INTO photo_fts(photo_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO photo_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TABLE draft (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  "view" TEXT NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom POINT,
  min_x DOUBLE,
  max_x DOUBLE,
  min_y DOUBLE,
  max_y DOUBLE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  name_th TEXT DEFAULT '' NOT NULL,
  name_en TEXT DEFAULT '' NOT NULL,
  name_th_key TEXT DEFAULT '' NOT NULL,
  name_en_key TEXT DEFAULT '' NOT NULL,
  name_sort_th TEXT DEFAULT '' NOT NULL,
  name_sort_en TEXT DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT DEFAULT '' NOT NULL,
  scope_area_code TEXT DEFAULT '' NOT NULL,
  owner_id TEXT DEFAULT '' NOT NULL,
  point_id TEXT DEFAULT '' NOT NULL,
  CONSTRAINT uq_draft_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_draft_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_draft_fid ON draft ("view", fid);
CREATE INDEX ix_draft_owner_id ON draft ("view", owner_id, fid);
CREATE INDEX ix_draft_point_id ON draft ("view", point_id, fid);
CREATE INDEX ix_draft_scope_agency ON draft (scope_agency_id);
CREATE INDEX ix_draft_scope_area ON draft (scope_area_code);
CREATE INDEX ix_draft_updated_at ON draft ("view", updated_at, fid);
CREATE UNIQUE INDEX uq_draft_point_id ON draft (owner_id, point_id) WHERE view = 'working';
CREATE VIRTUAL TABLE draft_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE draft_fts USING fts5(search, content='draft', content_rowid='fid', tokenize='trigram');
CREATE TRIGGER draft_ai AFTER INSERT ON draft BEGIN INSERT INTO draft_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO draft_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER draft_ad AFTER DELETE ON draft BEGIN DELETE FROM draft_rtree WHERE fid = old.fid; INSERT INTO draft_fts(draft_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER draft_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON draft WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM draft_rtree WHERE fid = old.fid; INSERT INTO draft_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER draft_au_words AFTER UPDATE OF search ON draft WHEN old.search <> new.search BEGIN INSERT INTO draft_fts(draft_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO draft_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TABLE task (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  "view" TEXT NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom POINT,
  min_x DOUBLE,
  max_x DOUBLE,
  min_y DOUBLE,
  max_y DOUBLE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  name_th TEXT DEFAULT '' NOT NULL,
  name_en TEXT DEFAULT '' NOT NULL,
  name_th_key TEXT DEFAULT '' NOT NULL,
  name_en_key TEXT DEFAULT '' NOT NULL,
  name_sort_th TEXT DEFAULT '' NOT NULL,
  name_sort_en TEXT DEFAULT '' NOT NULL,
  search TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT DEFAULT '' NOT NULL,
  scope_area_code TEXT DEFAULT '' NOT NULL,
  owner_id TEXT DEFAULT '' NOT NULL,
  point_id TEXT DEFAULT '' NOT NULL,
  service_id TEXT DEFAULT '' NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  due_on TEXT DEFAULT '' NOT NULL,
  province_code TEXT DEFAULT '' NOT NULL,
  district_code TEXT DEFAULT '' NOT NULL,
  CONSTRAINT uq_task_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_task_view CHECK (view IN ('published', 'working'))
);
CREATE INDEX ix_task_district_code ON task ("view", district_code, fid);
CREATE INDEX ix_task_due_on ON task ("view", due_on, fid);
CREATE INDEX ix_task_fid ON task ("view", fid);
CREATE INDEX ix_task_kind ON task ("view", kind, fid);
CREATE INDEX ix_task_owner_id ON task ("view", owner_id, fid);
CREATE INDEX ix_task_point_id ON task ("view", point_id, fid);
CREATE INDEX ix_task_province_code ON task ("view", province_code, fid);
CREATE INDEX ix_task_scope_agency ON task (scope_agency_id);
CREATE INDEX ix_task_scope_area ON task (scope_area_code);
CREATE INDEX ix_task_service_id ON task ("view", service_id, fid);
CREATE INDEX ix_task_state ON task ("view", state, fid);
CREATE INDEX ix_task_updated_at ON task ("view", updated_at, fid);
CREATE VIRTUAL TABLE task_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE task_fts USING fts5(search, content='task', content_rowid='fid', tokenize='trigram');
CREATE TRIGGER task_ai AFTER INSERT ON task BEGIN INSERT INTO task_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO task_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER task_ad AFTER DELETE ON task BEGIN DELETE FROM task_rtree WHERE fid = old.fid; INSERT INTO task_fts(task_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER task_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON task WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM task_rtree WHERE fid = old.fid; INSERT INTO task_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER task_au_words AFTER UPDATE OF search ON task WHEN old.search <> new.search BEGIN INSERT INTO task_fts(task_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO task_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TABLE upload (
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  point_id TEXT NOT NULL,
  length INTEGER NOT NULL,
  received INTEGER DEFAULT '0' NOT NULL,
  metadata TEXT DEFAULT '{}' NOT NULL,
  created_at DATETIME NOT NULL,
  expires_at DATETIME NOT NULL,
  CONSTRAINT pk_upload PRIMARY KEY (id)
);
CREATE INDEX ix_upload_expires_at ON upload (expires_at);
CREATE INDEX ix_upload_user_id ON upload (user_id);
CREATE TABLE profile (
  user_id TEXT NOT NULL,
  phone TEXT DEFAULT '' NOT NULL,
  confirmed_at DATETIME,
  updated_at DATETIME NOT NULL,
  CONSTRAINT pk_profile PRIMARY KEY (user_id),
  CONSTRAINT fk_profile_user_id FOREIGN KEY(user_id) REFERENCES user_account (id)
);
