"""What is shown: templates, static files and the offline situation report.

The api serves this package; it gives, for every page, a `Content-Security-Policy` of
`default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: <tile host>;
connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
(`<tile host>` is the scheme and host of `TILE_URL`, only when that is set).

Static files: `web.assets.static_files(node_modules)` maps the path under `/static/` to the file (the
allow-list: our own files and the npm files under `vendor/`), `web.bundle.bundle(node_modules)` to what
esbuild makes of our modules; `web.assets.version(contents)` is a short digest of all of them. Serve
`/static/<version>/<path>` as immutable and `/static/<path>` with an ETag.

Templates (`web.assets.TEMPLATES`, Jinja2 with autoescape) and their context, all plain strings:

- every page: `static_url` (`/static/<version>`, without a trailing slash), `lang` (ja or en), and the
  functions `t` (a word of the page in that language, web/words.py) and `said` (a sentence of the service)
- `map.html`: `tile_url` (may be empty), `tile_attribution` (may be empty), `worker_silence_s`
- `signin.html`: `error` (a sentence, may be empty), `name` (what was typed, may be empty), `next`
  (the path to go to afterwards, may be empty); posts `name`, `password`, `next` to `/signin`
- `report.html`: `municipality` (5-digit code from `?municipality=`, may be empty), `municipality_name`,
  `max_photo_bytes`

`GET /incidents/{id}/reports` is read as `{"reports": [{"id", "channel", "text", "posted_at", "received_at",
"sender_municipality", "sender_municipality_name"?, "photo": "/reports/<id>/photo" | null, "observations":
[{"type_ja", "status_ja", "place_text", "why", "level", "radius_m", "ambiguous", "quantities": [text],
"candidates": [{"name", "municipality", "score", "why", "level"}],
"evidence": [{"start", "end", "label", "rule"}]}]}]}`, offsets as Python string indices.
"""
