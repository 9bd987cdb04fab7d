"""A Glue database goes in, a lake comes out: the same tables, where Athena finds them."""

from pyiceberg.catalog.glue import GlueCatalog

from pipeline.lake import Lake

# Asked again after a lost answer, Glue refuses an UpdateTable that it has carried out; pyiceberg takes that for
# another writer's commit and deletes the manifests that the table now names. So nothing is asked twice here: lake.py
# runs the whole replace again, on a table loaded anew.
NO_RETRY = {"glue.max-retries": "0"}


def glue_lake(database: str) -> Lake:
    """The lake in that Glue database, whose location is a folder on S3; region and credentials are the process's own.

    Its tables are made by `lake.prepared`.
    """
    return Lake(GlueCatalog("glue", **NO_RETRY), database)
