-- Jobs and the workers that run them. Frozen: later changes are steps of their own.
CREATE TABLE job (
  id TEXT COLLATE "C" NOT NULL,
  process_id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  owner_key TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  inputs TEXT NOT NULL,
  wanted TEXT DEFAULT '{}' NOT NULL,
  request_id TEXT DEFAULT '' NOT NULL,
  progress INTEGER DEFAULT '0' NOT NULL,
  message TEXT DEFAULT '{}' NOT NULL,
  attempt INTEGER DEFAULT '0' NOT NULL,
  failures INTEGER DEFAULT '0' NOT NULL,
  worker_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
  results TEXT DEFAULT '{}' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  expires_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_job PRIMARY KEY (id),
  CONSTRAINT ck_job_state CHECK (state IN ('accepted', 'running', 'successful', 'failed', 'dismissed'))
);
CREATE INDEX ix_job_expires_at ON job (expires_at);
CREATE INDEX ix_job_owner_key ON job (owner_key, state);
CREATE INDEX ix_job_state ON job (state, created_at, id);
CREATE INDEX ix_job_user_id ON job (user_id, created_at, id);
CREATE TABLE job_worker (
  id TEXT COLLATE "C" NOT NULL,
  slots INTEGER NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_job_worker PRIMARY KEY (id)
);
