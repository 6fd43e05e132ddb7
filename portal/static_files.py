"""Static files of production: compressed, named by their content, our modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Write hashed names into what our own modules import too, at once or later.

    Otherwise a hashed module would import the unhashed copy of another: a second instance of it,
    and not the version that it was released with.

    Django's ``support_js_module_import_aggregation`` does the same for every file, those of
    libraries too, and stops at an import of a file that is not shipped. Ours lie in ``js/``; the
    formatter (``make quality``) writes their imports in the one form that is read here.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        (
            "js/*.js",
            (
                (
                    r"""(?P<matched>\b(?P<word>from|import) "(?P<url>\.[^"]+)";)""",
                    '%(word)s "%(url)s";',
                ),
                (
                    r"""(?P<matched>\bimport\("(?P<url>\.[^"]+)"\))""",
                    'import("%(url)s")',
                ),
            ),
        ),
    )
