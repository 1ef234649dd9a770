-- Ranks of published points on the map, and marks of what changed on it. Frozen: later changes are steps of their own.
CREATE TABLE tile_point (
  layer TEXT COLLATE "C" NOT NULL,
  item_id TEXT COLLATE "C" NOT NULL,
  cell BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  min_zoom INTEGER NOT NULL,
  counts TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_tile_point PRIMARY KEY (layer, item_id)
);
CREATE INDEX ix_tile_point_cell ON tile_point (layer, min_zoom, cell);
CREATE TABLE tile_mark (
  layer TEXT COLLATE "C" NOT NULL,
  tile BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  CONSTRAINT pk_tile_mark PRIMARY KEY (layer, tile)
);
CREATE INDEX ix_tile_mark_seq ON tile_mark (seq);
