// Bundles the browser code into conference/assets/built.
//
//   web/src/entries/<name>.ts|tsx   -> <name>-<hash>.js    (ESM, shared chunks, minified)
//   web/styles/entries/<name>.css   -> <name>-<hash>.css   (bundled, minified)
//   conference/assets/locales/<language>.json (by scripts/translations) -> locales/<language>-<hash>.json
//   manifest.json                   -> {"<name>.js": {file, imports, bytes}, "<name>.css": …, "locales/ar.json": …}
//
// The entries of each line of `APART` are bundled on their own: sharing would cut what visitors fetch into more and
// smaller files.
//
// `imports` are the chunks an entry loads statically, nearest first, so that a page can preload them in one
// round trip; `bytes` is the gzip size of the file alone: what a visitor pays. Files are written beside each
// other as .br and .gz, so that the server never compresses at run time.
// Types are not looked at here: `scripts/check` does that.
//
//   node web/build.mjs [--watch]

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, "conference", "assets", "built");
/** Entries that not every visitor fetches, and those that take less from others than a file in common weighs. */
const APART = [
  ["notices.ts"],
  ["connections.ts"],
  ["planner.tsx"],
  ["programme.ts"],
  ["projector.tsx", "speaker.tsx"],
  ["ahead.ts"],
  ["site.ts", "embed.ts"],
];
const watching = process.argv.includes("--watch");

/** The texts of the browser code, one file a language, treated like every other built file. */
function catalogues() {
  const folder = join(root, "conference", "assets", "locales");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => {
      const contents = readFileSync(join(folder, name));
      const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
      const file = `locales/${basename(name, ".json")}-${hash}.json`;
      return { logical: `locales/${name}`, file, path: join(built, file), contents };
    });
}

function entriesIn(folder, endings) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => endings.some((ending) => name.endsWith(ending)) && !name.endsWith(".d.ts"))
    .sort()
    .map((name) => join(path, name));
}

/** Puts the new files in place first and the manifest last, so that a page never names a file that is not there. */
function publish(results) {
  mkdirSync(built, { recursive: true });
  const written = new Set(["manifest.json"]);
  const sizes = new Map();
  const languages = catalogues();
  const files = new Map(results.flatMap(({ outputFiles }) => outputFiles).map((file) => [file.path, file]));
  for (const { path, contents } of [...files.values(), ...languages]) {
    const name = relative(built, path);
    const packed = gzipSync(contents, { level: 9 });
    sizes.set(name, packed.length);
    mkdirSync(dirname(path), { recursive: true });
    for (const [ending, content] of [
      ["", contents],
      [".gz", packed],
      [".br", brotliCompressSync(contents)],
    ]) {
      writeFileSync(path + ending, content);
      written.add(name + ending);
    }
  }
  const manifest = join(built, "manifest.json");
  writeFileSync(`${manifest}.new`, `${JSON.stringify(describe(results, languages, sizes), null, 2)}\n`);
  renameSync(`${manifest}.new`, manifest);
  for (const name of readdirSync(built, { recursive: true, withFileTypes: true })) {
    const path = join(name.parentPath ?? name.path, name.name);
    if (name.isFile() && !written.has(relative(built, path))) rmSync(path);
  }
  return sizes.size;
}

function describe(results, languages, sizes) {
  const outputs = new Map(
    results
      .flatMap(({ metafile }) => Object.entries(metafile.outputs))
      .map(([path, output]) => [relative(built, join(root, path)), output]),
  );
  const statically = (name, seen = new Set()) => {
    for (const { path, kind, external } of outputs.get(name)?.imports ?? []) {
      const imported = relative(built, join(root, path));
      if (kind !== "import-statement" || external || seen.has(imported)) continue;
      seen.add(imported);
      statically(imported, seen);
    }
    return seen;
  };
  const manifest = {};
  for (const [name, output] of outputs) {
    if (!output.entryPoint || !/\/entries\/[^/]+$/.test(output.entryPoint)) continue;
    const logical = basename(output.entryPoint).replace(/\.tsx?$/, ".js");
    const chunks = [...statically(name)];
    // An entry that is all in a chunk (see `together`) is an empty file that imports it: pages name the chunk.
    const file = chunks.find((chunk) => output.entryPoint in outputs.get(chunk).inputs) ?? name;
    const imports = chunks.filter((chunk) => chunk !== file);
    manifest[logical] = { file, imports, bytes: sizes.get(file) };
  }
  for (const { logical, file } of languages) {
    manifest[logical] = { file, imports: [], bytes: sizes.get(file) };
  }
  return Object.fromEntries(Object.entries(manifest).sort(([one], [other]) => one.localeCompare(other)));
}

const scripts = entriesIn("web/src/entries", [".ts", ".tsx"]);
const named = (names) => scripts.filter((path) => names.includes(basename(path)));
const groups = [
  [
    ...scripts.filter((path) => !APART.flat().includes(basename(path))),
    ...entriesIn("web/styles/entries", [".css"]),
  ],
  ...APART.map(named),
].filter((entries) => entries.length > 0);
/**
 * The room's first visit in one file. esbuild makes a chunk of what the same entries reach, and each group fetched
 * later reaches other parts of the room: so all of them are made to reach all of it. Every file costs a visitor
 * some 900 bytes of headers.
 */
const together = {
  name: "together",
  setup: ({ onLoad }) =>
    onLoad({ filter: /web[/\\]src[/\\]later[/\\]\w+\.ts$/ }, ({ path }) => ({
      contents: `${readFileSync(path, "utf8")}\nimport "../entries/room";\n`,
      loader: "ts",
    })),
};
/** The last good result of each group: what is published is always whole. */
const results = new Map();

const optionsFor = (entryPoints, group) => ({
  absWorkingDir: root,
  entryPoints,
  outdir: built,
  entryNames: "[name]-[hash]",
  chunkNames: "chunks/[name]-[hash]",
  assetNames: "files/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2020", "safari15"],
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".svg": "file", ".png": "file", ".webp": "file", ".avif": "file" },
  minify: !watching,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
  plugins: [
    ...(group === 0 ? [together] : []),
    {
      name: "publish",
      setup: ({ onEnd }) =>
        onEnd((result) => {
          if (result.errors.length > 0) return;
          results.set(group, result);
          if (results.size < groups.length) return;
          const count = publish([...results.values()]);
          console.log(`Built ${count} browser files.`);
        }),
    },
  ],
});

if (watching) {
  for (const [group, entries] of groups.entries()) {
    const watcher = await context(optionsFor(entries, group));
    await watcher.watch();
  }
  console.log("Watching web/src and web/styles; stop with Ctrl-C.");
} else {
  try {
    for (const [group, entries] of groups.entries()) await build(optionsFor(entries, group));
  } catch (error) {
    // esbuild has already printed the file, line and reason.
    if (!error.errors) console.error(error.message);
    process.exit(1);
  }
}
