-- A file that was deleted keeps its row, so that nothing that is told late brings it back; all else of it is gone.
ALTER TABLE file_metadata
    DROP CONSTRAINT file_metadata_status_check,
    ADD CONSTRAINT file_metadata_status_check
        CHECK (status IN ('received', 'succeeded', 'rejected', 'failed', 'deleted'));

-- The newest version of each file that is there.
CREATE OR REPLACE VIEW current_files AS
SELECT * FROM (
    SELECT DISTINCT ON (filename) * FROM file_metadata ORDER BY filename, sequencer DESC, id DESC
) AS newest
WHERE status <> 'deleted';
