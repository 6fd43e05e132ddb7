"""Django's compilers, which also know on whose behalf their statement reads."""

from django.db.backends.postgresql import compiler

from portal.database.readers import SystemAlias


class Scoped(compiler.SQLCompiler):
    """Tells the connection whose statement it is while it is executed."""

    writes = False

    def execute_sql(self, *args, **options):
        query = getattr(self.query, "inner_query", None) or self.query
        if getattr(query, "reads_as_reader", False):
            scope = "reader"
        elif self.writes or isinstance(self.using, SystemAlias):
            scope = "system"
        else:
            scope = ""
        former, self.connection.behalf = self.connection.behalf, scope
        self.connection.on_server = getattr(self.query, "on_server", False)
        try:
            return super().execute_sql(*args, **options)
        finally:
            self.connection.behalf, self.connection.on_server = former, False


class SQLCompiler(Scoped):
    """Reads; what ``portal/database/statement_cache.py`` has kept is not compiled again."""

    COLUMNS = ("select", "klass_info", "annotation_col_map", "col_count", "has_extra_select")

    def as_sql(self, *args, **options):
        sent = getattr(self.query, "compiled", None)
        if sent is None:
            return super().as_sql(*args, **options)
        for name, value in zip(self.COLUMNS, sent.columns, strict=True):
            setattr(self, name, value)
        return sent.sql, sent.params

    def columns(self) -> tuple:
        """Return what compiling found out of the columns."""
        return tuple(getattr(self, name) for name in self.COLUMNS)


class SQLInsertCompiler(Scoped, compiler.SQLInsertCompiler):
    """Adds rows: it reads nothing but the new keys."""

    writes = True


class SQLDeleteCompiler(Scoped, compiler.SQLDeleteCompiler):
    """Deletes what was found before."""

    writes = True


class SQLUpdateCompiler(Scoped, compiler.SQLUpdateCompiler):
    """Changes what was found before."""

    writes = True


class SQLAggregateCompiler(Scoped, compiler.SQLAggregateCompiler):
    """Counts the rows of a subquery, on behalf of whom that one names."""
