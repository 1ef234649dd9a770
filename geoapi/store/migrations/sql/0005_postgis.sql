-- Progress reports and the index that counts for them. Frozen: later changes are steps of their own.
CREATE TABLE progress_report (
  id TEXT COLLATE "C" NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  made_by TEXT COLLATE "C" NOT NULL,
  inputs TEXT NOT NULL,
  document TEXT NOT NULL,
  province_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  sent_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE,
  received_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_progress_report PRIMARY KEY (id)
);
CREATE INDEX ix_progress_report_made_by ON progress_report (made_by, made_at);
CREATE INDEX ix_progress_report_sent_at ON progress_report (sent_at);
CREATE TABLE progress_report_part (
  report_id TEXT COLLATE "C" NOT NULL,
  number INTEGER NOT NULL,
  scope_agency_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  scope_area_code TEXT COLLATE "C" DEFAULT '' NOT NULL,
  CONSTRAINT pk_progress_report_part PRIMARY KEY (report_id, number),
  CONSTRAINT fk_progress_report_part_report_id FOREIGN KEY(report_id) REFERENCES progress_report (id)
);
CREATE FUNCTION progress_report_fixed() RETURNS trigger LANGUAGE plpgsql AS $fixed$
BEGIN
  RAISE EXCEPTION 'a report that was made is never changed' USING ERRCODE = 'integrity_constraint_violation';
END
$fixed$;
CREATE TRIGGER progress_report_fixed BEFORE UPDATE OF id, made_at, made_by, inputs, document ON progress_report FOR EACH ROW EXECUTE FUNCTION progress_report_fixed();
CREATE INDEX ix_service_point_progress ON service_point (view, state, id, scope_area_code, scope_agency_id, province_code, district_code);
