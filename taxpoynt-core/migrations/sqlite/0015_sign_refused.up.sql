-- What the authority refused at sign (stage 20) nobody has: it may be mended and sent again under its number.
DROP TRIGGER documents_stamp_stays;
DROP TRIGGER documents_content_stays;
DROP TRIGGER documents_stage_rises;

-- One IRN has one stamp: the first. A seller whose service id was wrong gets both anew, while nobody has the document.
CREATE TRIGGER documents_stamp_stays
BEFORE UPDATE OF irn, stamp ON documents
WHEN (OLD.irn IS NOT NEW.irn AND OLD.stage >= 20
        AND NOT (OLD.stage = 20 AND OLD.state = 'rejected' AND OLD.code IS 'sign_failed'))
    OR (OLD.stamp IS NOT NEW.stamp AND OLD.irn IS NEW.irn)
BEGIN
    SELECT RAISE(ABORT, 'IRN and stamp of a document never change after sign, nor the stamp of an IRN ever');
END;

-- From stage signing (20) on the authority may hold these very bytes, unless it said that it does not.
CREATE TRIGGER documents_content_stays
BEFORE UPDATE OF document_type, kind, issue_date, currency, payable_amount, content_hash, invoice, ubl, mbs,
    provenance, created_at ON documents
WHEN OLD.stage >= 20 AND NOT (OLD.stage = 20 AND OLD.state = 'rejected' AND OLD.code IS 'sign_failed') AND (
    OLD.document_type IS NOT NEW.document_type OR OLD.kind IS NOT NEW.kind
    OR OLD.issue_date IS NOT NEW.issue_date OR OLD.currency IS NOT NEW.currency
    OR OLD.payable_amount IS NOT NEW.payable_amount OR OLD.content_hash IS NOT NEW.content_hash
    OR OLD.invoice IS NOT NEW.invoice OR OLD.ubl IS NOT NEW.ubl OR OLD.mbs IS NOT NEW.mbs
    OR OLD.provenance IS NOT NEW.provenance OR OLD.created_at IS NOT NEW.created_at)
BEGIN
    SELECT RAISE(ABORT, 'a document is not edited after sign: correct it with a credit note');
END;

CREATE TRIGGER documents_stage_rises
BEFORE UPDATE OF stage ON documents
WHEN OLD.stage >= 20 AND NEW.stage < OLD.stage
    AND NOT (OLD.stage = 20 AND OLD.state = 'rejected' AND OLD.code IS 'sign_failed')
BEGIN
    SELECT RAISE(ABORT, 'the stage of a document never goes back after sign');
END;
