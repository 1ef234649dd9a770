-- Jobs and the workers that run them. Frozen: later changes are steps of their own.
CREATE TABLE job (
  id TEXT NOT NULL,
  process_id TEXT NOT NULL,
  user_id TEXT DEFAULT '' NOT NULL,
  owner_key TEXT NOT NULL,
  state TEXT NOT NULL,
  inputs TEXT NOT NULL,
  wanted TEXT DEFAULT '{}' NOT NULL,
  request_id TEXT DEFAULT '' NOT NULL,
  progress INTEGER DEFAULT '0' NOT NULL,
  message TEXT DEFAULT '{}' NOT NULL,
  attempt INTEGER DEFAULT '0' NOT NULL,
  failures INTEGER DEFAULT '0' NOT NULL,
  worker_id TEXT DEFAULT '' NOT NULL,
  results TEXT DEFAULT '{}' NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  started_at DATETIME,
  finished_at DATETIME,
  expires_at DATETIME,
  CONSTRAINT pk_job PRIMARY KEY (id),
  CONSTRAINT ck_job_state CHECK (state IN ('accepted', 'running', 'successful', 'failed', 'dismissed'))
);
CREATE INDEX ix_job_expires_at ON job (expires_at);
CREATE INDEX ix_job_owner_key ON job (owner_key, state);
CREATE INDEX ix_job_state ON job (state, created_at, id);
CREATE INDEX ix_job_user_id ON job (user_id, created_at, id);
CREATE TABLE job_worker (
  id TEXT NOT NULL,
  slots INTEGER NOT NULL,
  started_at DATETIME NOT NULL,
  seen_at DATETIME NOT NULL,
  CONSTRAINT pk_job_worker PRIMARY KEY (id)
);
