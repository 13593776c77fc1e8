#!/usr/bin/env node
// Fills a template with what the program's own --help says, so that the man page and the completion cannot differ from
// it: deploy/from-help.mjs BINARY TEMPLATE VERSION. Words of the template: @VERSION@ @DATE@ @OPTIONS@ @COMMANDS@ (man
// page), @OPTION_WORDS@ @FLAG_WORDS@ @FILE_WORDS@ @DIRECTORY_WORDS@ @COMMAND_WORDS@ (completion).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const [binary, template, version] = process.argv.slice(2);
if (!version) {
  console.error("from-help: usage: deploy/from-help.mjs BINARY TEMPLATE VERSION");
  process.exit(2);
}

const environment = { PATH: process.env.PATH, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: "1" };
const help = execFileSync(binary, ["--help"], { encoding: "utf8", env: environment }).split("\n");

// Options:
//   --interval <TIME>         Time between samples, 0.1 to 60 seconds: 0.5, 1s, 500ms. Default: 1s.
//   -?, -h, --help            Show help and usage information
// Commands:
//   serve   Samples this machine and serves its page.
function section(name) {
  const from = help.indexOf(`${name}:`);
  if (from < 0) {
    throw new Error(`${binary} --help has no "${name}:"`);
  }
  const entries = [];
  for (const line of help.slice(from + 1)) {
    const match = /^ {2}(\S.*?)(?: {2,}(.*))?$/.exec(line);
    if (!match) {
      break;
    }
    entries.push({ names: match[1], text: match[2] ?? "" });
  }
  return entries;
}

const escaped = (text) => text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^([.'])/, "\\&$1");
const sentence = (text) => (text.endsWith(".") ? text : `${text}.`);

/** `--interval <TIME>` as `\fB--interval\fR \fITIME\fR`. */
function manNames(names) {
  return names.split(" ").map((word) => {
    const value = /^<(.+)>$/.exec(word);
    return value
      ? `\\fI${escaped(value[1])}\\fR`
      : word.replace(/^(-[^,]+|[a-z]+)/, (name) => `\\fB${escaped(name)}\\fR`);
  }).join(" ");
}

const options = section("Options");
const commands = section("Commands");
const longName = (entry) => /--[a-z-]+/.exec(entry.names)[0];
const taking = (value) => options.filter((entry) => entry.names.includes(`<${value}>`)).map(longName);
const flags = options.filter((entry) => !entry.names.includes("<")).map(longName);
const date = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000).toISOString().slice(0, 10);
const words = {
  VERSION: version,
  DATE: date,
  OPTIONS: options.map((o) => `.TP\n${manNames(o.names)}\n${escaped(sentence(o.text))}`).join("\n"),
  COMMANDS: commands.map((c) => `.TP\n${manNames(c.names)}\n${escaped(sentence(c.text))}`).join("\n"),
  OPTION_WORDS: options.map(longName).join(" "),
  FLAG_WORDS: flags.join(" | "),
  FILE_WORDS: taking("FILE").join(" | "),
  DIRECTORY_WORDS: taking("DIR").join(" | "),
  COMMAND_WORDS: commands.map((c) => c.names.split(" ")[0]).join(" "),
};
const filled = readFileSync(template, "utf8").replace(/@([A-Z_]+)@/g, (_, word) => {
  if (words[word] === undefined) {
    throw new Error(`${template}: @${word}@ is not a word`);
  }
  return words[word];
});
process.stdout.write(filled);
