"""Operations for migrations of big tables, which pages read and write meanwhile (docs/adr/0037)."""

from django.contrib.postgres.operations import AddIndexConcurrently


class AddIndexMeanwhile(AddIndexConcurrently):
    """Add an index without holding up writers, and again after a try that was interrupted.

    Such a try leaves an invalid index of the same name, which is dropped first. Waiting for older
    transactions stops nobody, so that the limit on locks of ``manage.py migrate`` is lifted here.
    The migration says ``atomic = False``.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute("SET lock_timeout = 0")
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        schema_editor.execute("RESET lock_timeout")
