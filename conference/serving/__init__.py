"""HTTP: routes, middlewares, pages, forms, translation, mail. Knows no domain."""
