-- The first schema of a GeoPackage. Frozen: later changes are steps of their own.
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE service_point (
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
  category TEXT DEFAULT '' NOT NULL,
  agency_id TEXT DEFAULT '' NOT NULL,
  province_code TEXT DEFAULT '' NOT NULL,
  district_code TEXT DEFAULT '' NOT NULL,
  subdistrict_code TEXT DEFAULT '' NOT NULL,
  postal_code TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  status TEXT DEFAULT '' NOT NULL,
  official_id TEXT DEFAULT '' NOT NULL,
  short_code TEXT DEFAULT '' NOT NULL,
  parent_id TEXT DEFAULT '' NOT NULL,
  is_branch BOOLEAN DEFAULT '0' NOT NULL,
  editors TEXT DEFAULT '[]' NOT NULL,
  CONSTRAINT uq_service_point_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_service_point_view CHECK (view IN ('published', 'working'))
);
CREATE TABLE agency (
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
  agency_type TEXT DEFAULT '' NOT NULL,
  parent_id TEXT DEFAULT '' NOT NULL,
  province_code TEXT DEFAULT '' NOT NULL,
  district_code TEXT DEFAULT '' NOT NULL,
  CONSTRAINT uq_agency_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_agency_view CHECK (view IN ('published', 'working'))
);
CREATE TABLE area (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  "view" TEXT NOT NULL,
  revision INTEGER NOT NULL,
  etag TEXT NOT NULL,
  feature TEXT NOT NULL,
  geom MULTIPOLYGON,
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
  level TEXT DEFAULT '' NOT NULL,
  parent_code TEXT DEFAULT '' NOT NULL,
  postal_codes TEXT DEFAULT '' NOT NULL,
  CONSTRAINT uq_area_id_view UNIQUE (id, "view"),
  CONSTRAINT ck_area_view CHECK (view IN ('published', 'working'))
);
CREATE TABLE agency_closure (
  ancestor_id TEXT NOT NULL,
  descendant_id TEXT NOT NULL,
  CONSTRAINT pk_agency_closure PRIMARY KEY (ancestor_id, descendant_id)
);
CREATE TABLE change (
  seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  at DATETIME NOT NULL,
  collection TEXT NOT NULL,
  item_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  operation TEXT NOT NULL,
  public_effect TEXT DEFAULT '' NOT NULL,
  actor_id TEXT DEFAULT '' NOT NULL,
  client TEXT DEFAULT '' NOT NULL,
  request_id TEXT DEFAULT '' NOT NULL,
  reason TEXT DEFAULT '' NOT NULL,
  scope_agency_id TEXT DEFAULT '' NOT NULL,
  scope_area_code TEXT DEFAULT '' NOT NULL,
  document TEXT,
  public_document TEXT
);
CREATE TABLE idempotency (
  user_id TEXT NOT NULL,
  "key" TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT pk_idempotency PRIMARY KEY (user_id, "key")
);
CREATE TABLE user_account (
  id TEXT NOT NULL,
  username TEXT NOT NULL,
  display_name TEXT NOT NULL,
  password_hash TEXT DEFAULT '' NOT NULL,
  must_change_password BOOLEAN DEFAULT '0' NOT NULL,
  language TEXT DEFAULT 'th' NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  disabled_at DATETIME,
  revision INTEGER DEFAULT '1' NOT NULL,
  CONSTRAINT pk_user_account PRIMARY KEY (id),
  CONSTRAINT uq_user_account_username UNIQUE (username)
);
CREATE TABLE login_throttle (
  "key" TEXT NOT NULL,
  failures INTEGER NOT NULL,
  first_failure_at DATETIME NOT NULL,
  locked_until DATETIME,
  CONSTRAINT pk_login_throttle PRIMARY KEY ("key")
);
CREATE TABLE audit (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  at DATETIME NOT NULL,
  event TEXT NOT NULL,
  outcome TEXT NOT NULL,
  actor_id TEXT DEFAULT '' NOT NULL,
  subject_id TEXT DEFAULT '' NOT NULL,
  request_id TEXT DEFAULT '' NOT NULL,
  detail TEXT DEFAULT '{}' NOT NULL
);
CREATE TABLE holiday (
  date DATE NOT NULL,
  name_th TEXT NOT NULL,
  name_en TEXT NOT NULL,
  kind TEXT NOT NULL,
  CONSTRAINT pk_holiday PRIMARY KEY (date)
);
CREATE TABLE import_run (
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  source_sha256 TEXT NOT NULL,
  started_at DATETIME NOT NULL,
  finished_at DATETIME,
  counts TEXT DEFAULT '{}' NOT NULL,
  CONSTRAINT pk_import_run PRIMARY KEY (id)
);
CREATE TABLE import_base (
  kind TEXT NOT NULL,
  "key" TEXT NOT NULL,
  item_id TEXT NOT NULL,
  document TEXT NOT NULL,
  CONSTRAINT pk_import_base PRIMARY KEY (kind, "key")
);
CREATE TABLE site_meta (
  "key" TEXT NOT NULL,
  value TEXT NOT NULL,
  CONSTRAINT pk_site_meta PRIMARY KEY ("key")
);
CREATE TABLE role_grant (
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  role TEXT NOT NULL,
  agency_id TEXT DEFAULT '' NOT NULL,
  area_code TEXT DEFAULT '' NOT NULL,
  valid_from DATE,
  valid_to DATE,
  granted_by TEXT DEFAULT '' NOT NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT pk_role_grant PRIMARY KEY (id),
  CONSTRAINT fk_role_grant_user_id FOREIGN KEY(user_id) REFERENCES user_account (id)
);
CREATE TABLE credential (
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  label TEXT DEFAULT '' NOT NULL,
  created_at DATETIME NOT NULL,
  last_used_at DATETIME,
  expires_at DATETIME,
  revoked_at DATETIME,
  CONSTRAINT pk_credential PRIMARY KEY (id),
  CONSTRAINT ck_credential_kind CHECK (kind IN ('session', 'token')),
  CONSTRAINT fk_credential_user_id FOREIGN KEY(user_id) REFERENCES user_account (id),
  CONSTRAINT uq_credential_secret_hash UNIQUE (secret_hash)
);
CREATE TABLE import_row (
  run_id TEXT NOT NULL,
  row_number INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  document TEXT NOT NULL,
  CONSTRAINT pk_import_row PRIMARY KEY (run_id, row_number),
  CONSTRAINT fk_import_row_run_id FOREIGN KEY(run_id) REFERENCES import_run (id)
);
CREATE VIRTUAL TABLE service_point_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE service_point_fts USING fts5(search, content='service_point', content_rowid='fid', tokenize='trigram');
CREATE VIRTUAL TABLE agency_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE agency_fts USING fts5(search, content='agency', content_rowid='fid', tokenize='trigram');
CREATE VIRTUAL TABLE area_rtree USING rtree(fid, min_x, max_x, min_y, max_y);
CREATE VIRTUAL TABLE area_fts USING fts5(search, content='area', content_rowid='fid', tokenize='trigram');
CREATE INDEX ix_service_point_name_th_key ON service_point ("view", name_th_key);
CREATE INDEX ix_service_point_name_sort_th ON service_point ("view", name_sort_th, fid);
CREATE INDEX ix_service_point_short_code ON service_point ("view", short_code, fid);
CREATE INDEX ix_service_point_state ON service_point ("view", state, fid);
CREATE INDEX ix_service_point_scope_area ON service_point (scope_area_code);
CREATE INDEX ix_service_point_official_id ON service_point ("view", official_id, fid);
CREATE UNIQUE INDEX uq_service_point_short_code ON service_point (short_code) WHERE view = 'working' AND short_code <> '';
CREATE INDEX ix_service_point_name_sort_en ON service_point ("view", name_sort_en, fid);
CREATE INDEX ix_service_point_updated_at ON service_point ("view", updated_at, fid);
CREATE INDEX ix_service_point_parent_id ON service_point ("view", parent_id, fid);
CREATE INDEX ix_service_point_subdistrict_code ON service_point ("view", subdistrict_code, fid);
CREATE INDEX ix_service_point_category ON service_point ("view", category, fid);
CREATE INDEX ix_service_point_agency_id ON service_point ("view", agency_id, fid);
CREATE INDEX ix_service_point_scope_agency ON service_point (scope_agency_id);
CREATE INDEX ix_service_point_name_en_key ON service_point ("view", name_en_key);
CREATE INDEX ix_service_point_fid ON service_point ("view", fid);
CREATE INDEX ix_service_point_district_code ON service_point ("view", district_code, fid);
CREATE INDEX ix_agency_name_th_key ON agency ("view", name_th_key);
CREATE INDEX ix_agency_name_en_key ON agency ("view", name_en_key);
CREATE INDEX ix_agency_name_sort_en ON agency ("view", name_sort_en, fid);
CREATE INDEX ix_agency_code ON agency ("view", code);
CREATE INDEX ix_agency_fid ON agency ("view", fid);
CREATE INDEX ix_agency_name_sort_th ON agency ("view", name_sort_th, fid);
CREATE INDEX ix_agency_updated_at ON agency ("view", updated_at, fid);
CREATE INDEX ix_area_level ON area ("view", level, fid);
CREATE INDEX ix_area_name_th_key ON area ("view", name_th_key);
CREATE INDEX ix_area_name_en_key ON area ("view", name_en_key);
CREATE INDEX ix_area_fid ON area ("view", fid);
CREATE INDEX ix_area_name_sort_en ON area ("view", name_sort_en, fid);
CREATE INDEX ix_area_name_sort_th ON area ("view", name_sort_th, fid);
CREATE INDEX ix_area_updated_at ON area ("view", updated_at, fid);
CREATE INDEX ix_agency_closure_descendant ON agency_closure (descendant_id);
CREATE INDEX ix_change_public ON change (collection, public_effect, seq);
CREATE INDEX ix_change_item ON change (collection, item_id, seq);
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_role_grant_user_id ON role_grant (user_id);
CREATE INDEX ix_credential_user_id ON credential (user_id);
CREATE TRIGGER service_point_ai AFTER INSERT ON service_point BEGIN INSERT INTO service_point_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO service_point_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER service_point_ad AFTER DELETE ON service_point BEGIN DELETE FROM service_point_rtree WHERE fid = old.fid; INSERT INTO service_point_fts(service_point_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER service_point_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON service_point WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM service_point_rtree WHERE fid = old.fid; INSERT INTO service_point_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER service_point_au_words AFTER UPDATE OF search ON service_point WHEN old.search <> new.search BEGIN INSERT INTO service_point_fts(service_point_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO service_point_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER agency_ai AFTER INSERT ON agency BEGIN INSERT INTO agency_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO agency_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER agency_ad AFTER DELETE ON agency BEGIN DELETE FROM agency_rtree WHERE fid = old.fid; INSERT INTO agency_fts(agency_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER agency_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON agency WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM agency_rtree WHERE fid = old.fid; INSERT INTO agency_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER agency_au_words AFTER UPDATE OF search ON agency WHEN old.search <> new.search BEGIN INSERT INTO agency_fts(agency_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO agency_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER area_ai AFTER INSERT ON area BEGIN INSERT INTO area_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; INSERT INTO area_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE TRIGGER area_ad AFTER DELETE ON area BEGIN DELETE FROM area_rtree WHERE fid = old.fid; INSERT INTO area_fts(area_fts, rowid, search) VALUES ('delete', old.fid, old.search); END;
CREATE TRIGGER area_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON area WHEN (old.min_x, old.max_x, old.min_y, old.max_y) IS NOT (new.min_x, new.max_x, new.min_y, new.max_y) BEGIN DELETE FROM area_rtree WHERE fid = old.fid; INSERT INTO area_rtree SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y WHERE new.min_x IS NOT NULL; END;
CREATE TRIGGER area_au_words AFTER UPDATE OF search ON area WHEN old.search <> new.search BEGIN INSERT INTO area_fts(area_fts, rowid, search) VALUES ('delete', old.fid, old.search); INSERT INTO area_fts(rowid, search) VALUES (new.fid, new.search); END;
CREATE VIEW service_points AS SELECT fid, geom, id, revision, created_at, updated_at, name_th, name_en, category, agency_id, province_code, district_code, subdistrict_code, postal_code, state, status, official_id, short_code, parent_id, is_branch FROM service_point WHERE view = 'published';
CREATE VIEW service_points_working AS SELECT fid, geom, id, revision, created_at, updated_at, name_th, name_en, category, agency_id, province_code, district_code, subdistrict_code, postal_code, state, status, official_id, short_code, parent_id, is_branch FROM service_point WHERE view = 'working';
CREATE VIEW provinces AS SELECT fid, geom, id, revision, created_at, updated_at, name_th, name_en, code, level, parent_code, postal_codes FROM area WHERE level = 'province';
CREATE VIEW districts AS SELECT fid, geom, id, revision, created_at, updated_at, name_th, name_en, code, level, parent_code, postal_codes FROM area WHERE level = 'district';
CREATE VIEW subdistricts AS SELECT fid, geom, id, revision, created_at, updated_at, name_th, name_en, code, level, parent_code, postal_codes FROM area WHERE level = 'subdistrict';
CREATE VIEW agencies AS SELECT fid, id, revision, created_at, updated_at, name_th, name_en, code, agency_type, parent_id, province_code, district_code FROM agency WHERE view = 'published';
INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition, description) VALUES ('Undefined Cartesian SRS',-1,'NONE',-1,'undefined','');
INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition, description) VALUES ('Undefined geographic SRS',0,'NONE',0,'undefined','');
INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition, description) VALUES ('WGS 84 geodetic',4326,'EPSG',4326,'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]','');
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id) VALUES ('service_points','features','จุดบริการภาครัฐ / Service points','',97.3,5.6,105.7,20.5,4326);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id) VALUES ('service_points_working','features','ฉบับกำลังแก้ไข / Working revisions','',97.3,5.6,105.7,20.5,4326);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id) VALUES ('provinces','features','จังหวัด / Provinces','',97.3,5.6,105.7,20.5,4326);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id) VALUES ('districts','features','อำเภอ/เขต / Districts','',97.3,5.6,105.7,20.5,4326);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id) VALUES ('subdistricts','features','ตำบล/แขวง / Subdistricts','',97.3,5.6,105.7,20.5,4326);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id) VALUES ('agencies','attributes','หน่วยงาน / Agencies','',97.3,5.6,105.7,20.5,4326);
INSERT INTO gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m) VALUES ('service_points','geom','POINT',4326,0,0);
INSERT INTO gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m) VALUES ('service_points_working','geom','POINT',4326,0,0);
INSERT INTO gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m) VALUES ('provinces','geom','MULTIPOLYGON',4326,0,0);
INSERT INTO gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m) VALUES ('districts','geom','MULTIPOLYGON',4326,0,0);
INSERT INTO gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m) VALUES ('subdistricts','geom','MULTIPOLYGON',4326,0,0);
