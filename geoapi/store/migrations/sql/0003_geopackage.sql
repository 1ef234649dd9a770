-- Ranks of published points on the map, and marks of what changed on it. Frozen: later changes are steps of their own.
CREATE TABLE tile_point (
  layer TEXT NOT NULL,
  item_id TEXT NOT NULL,
  cell INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  min_zoom INTEGER NOT NULL,
  counts TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_tile_point PRIMARY KEY (layer, item_id)
);
CREATE INDEX ix_tile_point_cell ON tile_point (layer, min_zoom, cell);
CREATE TABLE tile_mark (
  layer TEXT NOT NULL,
  tile INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  CONSTRAINT pk_tile_mark PRIMARY KEY (layer, tile)
);
CREATE INDEX ix_tile_mark_seq ON tile_mark (seq);
