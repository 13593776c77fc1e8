#!/usr/bin/env node
// What is in the binary, as CycloneDX 1.6 JSON on standard output: the packages of the two lock files that are linked
// or bundled, with licence and hash, and every file that is shipped. The same tree gives the same bytes.
//   deploy/sbom.mjs RUNTIME-ID VERSION FILE...
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

const [rid, version, ...files] = process.argv.slice(2);
if (!version) {
  console.error("sbom: usage: deploy/sbom.mjs RUNTIME-ID VERSION FILE...");
  process.exit(2);
}

/** Build only: the analysers and the linker's tasks leave nothing in the binary. */
const buildOnly = /^(Microsoft\.CodeAnalysis\.|Microsoft\.NET\.ILLink\.Tasks$)/;
const nugetCache = process.env.NUGET_PACKAGES ?? join(homedir(), ".nuget", "packages");
const root = new URL("..", import.meta.url).pathname;
const json = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// { "resolved": "6.2.2", "contentHash": "Hoxigm/d7w…==", "dependencies": { "NLog": "6.2.2" } }
function nugetPackages() {
  const found = new Map();
  const lock = json("src/Hostscope/packages.lock.json").dependencies;
  for (const framework of ["net10.0", `net10.0/${rid}`]) {
    for (const [name, entry] of Object.entries(lock[framework] ?? {})) {
      if (entry.resolved && !buildOnly.test(name)) {
        found.set(name, { ...found.get(name), ...entry });
      }
    }
  }
  return [...found].map(([name, entry]) => ({
    type: "library",
    "bom-ref": `pkg:nuget/${name}@${entry.resolved}`,
    name,
    version: entry.resolved,
    hashes: [{ alg: "SHA-512", content: Buffer.from(entry.contentHash, "base64").toString("hex") }],
    licenses: nugetLicences(name, entry.resolved),
    purl: `pkg:nuget/${name}@${entry.resolved}`,
  }));
}

// <license type="expression">MIT</license>; older packages have a licence file, which has a name instead of an id.
function nugetLicences(name, resolved) {
  const folder = join(nugetCache, name.toLowerCase(), resolved);
  const path = join(folder, `${name.toLowerCase()}.nuspec`);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const expression = /<license type="expression">([^<]+)<\/license>/.exec(text)?.[1];
  if (expression) {
    return [/ (AND|OR|WITH) /.test(expression) ? { expression } : { license: { id: expression } }];
  }
  const url = /<licenseUrl>([^<]+)<\/licenseUrl>/.exec(text)?.[1];
  return [{ license: { name: url ?? "see the package" } }];
}

/** What the SDK links besides packages: the runtime and the web server, of the version that the compiler has. */
function frameworks(packages) {
  const compiler = packages.find((p) => p.name === "Microsoft.DotNet.ILCompiler");
  return [`Microsoft.NETCore.App.Runtime.NativeAOT.${rid}`, `Microsoft.AspNetCore.App.Runtime.${rid}`].map((name) => ({
    type: "framework",
    "bom-ref": `pkg:nuget/${name}@${compiler.version}`,
    name,
    version: compiler.version,
    licenses: [{ license: { id: "MIT" } }],
    purl: `pkg:nuget/${name}@${compiler.version}`,
  }));
}

// "node_modules/preact": { "version": "11.2.0", "integrity": "sha512-…==", "license": "MIT" }
function npmPackages() {
  return Object.entries(json("web/package-lock.json").packages)
    .filter(([path, entry]) => path !== "" && !entry.dev)
    .map(([path, entry]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      const purl = `pkg:npm/${name.replace("@", "%40")}@${entry.version}`;
      const [algorithm, hash] = entry.integrity.split("-");
      return {
        type: "library",
        "bom-ref": purl,
        name,
        version: entry.version,
        hashes: [{ alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(hash, "base64").toString("hex") }],
        licenses: [{ license: { id: entry.license } }],
        purl,
      };
    });
}

const shipped = files.map((path) => ({
  type: "file",
  "bom-ref": `file:${basename(path)}`,
  name: basename(path),
  hashes: [{ alg: "SHA-256", content: sha256(readFileSync(path)) }],
}));
const nuget = nugetPackages();
const byName = (a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1);
const components = [...nuget, ...frameworks(nuget), ...npmPackages(), ...shipped].sort(byName);
const self = `pkg:generic/hostscope@${version}`;
const time = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000).toISOString();

// A serial number that says what it is of: the same contents, the same number.
const id = sha256(JSON.stringify(components));
const serial = `${id.slice(0, 8)}-${id.slice(8, 12)}-5${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20, 32)}`;
const bom = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  serialNumber: `urn:uuid:${serial}`,
  version: 1,
  metadata: {
    timestamp: time,
    component: {
      type: "application",
      "bom-ref": self,
      name: "hostscope",
      version,
      licenses: [{ license: { id: "MIT" } }],
    },
    properties: [{ name: "hostscope:runtime", value: rid }],
  },
  components,
  dependencies: [{ ref: self, dependsOn: components.map((c) => c["bom-ref"]) }],
};
process.stdout.write(`${JSON.stringify(bom, null, 2)}\n`);
