-- What became of every version of every file (docs/catalogue.md).
CREATE TABLE file_metadata (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    filename text NOT NULL,
    version text NOT NULL,
    -- S3's order of a file's versions, comparable as text in the "C" collation.
    sequencer text COLLATE "C" NOT NULL,
    attempt integer NOT NULL CHECK (attempt >= 1),
    run text NOT NULL,
    status text NOT NULL CHECK (status IN ('received', 'succeeded', 'rejected', 'failed')),
    "timestamp" timestamptz NOT NULL,
    kind text,
    size_bytes bigint CHECK (size_bytes >= 0),
    sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    rows_count bigint CHECK (rows_count >= 0),
    rows_rejected bigint CHECK (rows_rejected >= 0),
    result_key text,
    reason text,
    UNIQUE (filename, version)
);

CREATE INDEX file_metadata_by_status ON file_metadata (status, "timestamp");

COMMENT ON TABLE file_metadata IS 'One row for each version of each file';
COMMENT ON COLUMN file_metadata.attempt IS 'How often the version has been started, with this time';
COMMENT ON COLUMN file_metadata.run IS 'Which run says so';
COMMENT ON COLUMN file_metadata."timestamp" IS 'Since when the status is what it is';
COMMENT ON COLUMN file_metadata.rows_count IS 'Records that were taken';
COMMENT ON COLUMN file_metadata.rows_rejected IS 'Records that were set aside';

-- The newest version of each file.
CREATE VIEW current_files AS
SELECT DISTINCT ON (filename) * FROM file_metadata ORDER BY filename, sequencer DESC, id DESC;

-- Which versions' rows lie in which table, and which could not be put there.
CREATE TABLE loaded_rows (
    file_id bigint NOT NULL REFERENCES file_metadata,
    table_name text NOT NULL,
    run text NOT NULL,
    rows_count bigint NOT NULL CHECK (rows_count >= 0),
    refused text,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (file_id, table_name)
);

COMMENT ON COLUMN loaded_rows.refused IS 'Why none of the rows were taken, where they do not fit the table';

GRANT SELECT, INSERT, UPDATE ON file_metadata, loaded_rows TO catalogue_writer;
GRANT SELECT ON file_metadata, loaded_rows, current_files TO catalogue_reader;
