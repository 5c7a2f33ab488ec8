// Holds `index.d.ts` to the package: every declared name and member exists, and nothing else does.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import ts from "typescript";
import * as engine from "../index.js";
import { shapes as ofAuthority } from "../lib/authority.js";
import { shapes as ofConversion } from "../lib/conversion.js";
import { shapes as ofExplained } from "../lib/explained.js";
import { shapes as ofFaults } from "../lib/fault.js";
import { shapes as ofInvoice } from "../lib/invoice.js";
import { snake } from "../lib/names.js";
import { shapes as ofOperations } from "../lib/operations.js";
import { shapes as ofRows } from "../lib/rows.js";
import { shapes as ofRules } from "../lib/rules.js";
import { shapes as ofSync } from "../lib/sync.js";
import { shapes as ofWebhooks } from "../lib/webhooks.js";

const shapes = {
  ...ofAuthority,
  ...ofConversion,
  ...ofExplained,
  ...ofFaults,
  ...ofInvoice,
  ...ofOperations,
  ...ofRows,
  ...ofRules,
  ...ofSync,
  ...ofWebhooks,
};
const file = fileURLToPath(new URL("../index.d.ts", import.meta.url));
const program = ts.createProgram([file], { strict: true, target: ts.ScriptTarget.ES2022, types: ["node"] });
const checker = program.getTypeChecker();
const declared = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
let compared = 0;

function same(what, fromBinary, fromDeclarations) {
  compared += 1;
  assert.deepEqual([...fromBinary].sort(), [...fromDeclarations].sort(), `${what}: the package, then index.d.ts`);
}

const names = (symbols) => symbols.map((symbol) => symbol.name);
const isValue = (symbol) => (symbol.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.ValueModule)) !== 0;
const isClass = (symbol) => (symbol.flags & ts.SymbolFlags.Class) !== 0;
const isInterface = (symbol) => (symbol.flags & ts.SymbolFlags.Interface) !== 0 && !isClass(symbol);

/** `[Symbol.iterator]` as a declaration writes it, any other name as it is. */
const written = (member) => member.name.getText();
const keys = (object) =>
  Reflect.ownKeys(object)
    .filter((key) => key !== inspect.custom)
    .map((key) => (typeof key === "symbol" ? `[Symbol.${wellKnown(key)}]` : key));
const wellKnown = (key) => Object.getOwnPropertyNames(Symbol).find((name) => Symbol[name] === key) ?? key.description;

/** Members a class declares itself, by what they are at run time. */
function members(symbol) {
  const declaration = symbol.declarations.find(ts.isClassDeclaration);
  const found = { own: [], statics: [], prototype: [] };
  for (const member of declaration.members) {
    if (ts.isConstructorDeclaration(member)) continue;
    const isStatic = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static;
    const place = isStatic ? "statics" : ts.isPropertyDeclaration(member) ? "own" : "prototype";
    found[place].push(written(member));
  }
  return found;
}

const reason = { code: "a", message: "b" };
const row = (shape) => Object.fromEntries([...shape.members.keys()].map((name) => [snake(name), "x"]));
const record = { ...row(shapes.RecordFields), held: reason };

/** One instance of each class that declares members of its own. */
const instances = {
  Outcome: new engine.Outcome({ held: ["a", "b"], remarks: [], provenance: "[]" }),
  Page: new engine.Page({ items: [], next: null }),
  Prepared: new engine.Prepared({ record, documents: [] }),
  TaxpoyntError: new engine.TaxpoyntError("a"),
};

/** What JavaScript gives every error. */
const OF_ERRORS = ["stack", "message"];

same("names", Object.keys(engine), names(declared.filter(isValue)));
for (const symbol of declared.filter((symbol) => symbol.flags & ts.SymbolFlags.ValueModule)) {
  same(symbol.name, Object.keys(engine[symbol.name]), names(checker.getExportsOfModule(symbol)));
}

for (const symbol of declared.filter(isClass)) {
  const { own, statics, prototype } = members(symbol);
  const Class = engine[symbol.name];
  same(`static ${symbol.name}`, keys(Class).filter((key) => !["length", "name", "prototype"].includes(key)), statics);
  same(`${symbol.name}.prototype`, keys(Class.prototype).filter((key) => key !== "constructor"), prototype);
  if (own.length > 0) {
    assert.ok(instances[symbol.name], `types/check.js has no instance of ${symbol.name} to compare`);
    same(`new ${symbol.name}`, keys(instances[symbol.name]).filter((key) => !OF_ERRORS.includes(key)), own);
  }
  const heritage = symbol.declarations.find(ts.isClassDeclaration).heritageClauses ?? [];
  const parent = heritage.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0].getText();
  assert.equal(Object.getPrototypeOf(Class).name, parent ?? "", `${symbol.name} extends`);
}

/** What is handed out is readonly throughout; what is not, a host writes. */
function handedOut(symbol) {
  const properties = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
  return properties.every((property) =>
    property.declarations.every((d) => ts.getCombinedModifierFlags(d) & ts.ModifierFlags.Readonly),
  );
}

const interfaces = declared.filter((symbol) => isInterface(symbol) && handedOut(symbol));
same("shapes", Object.keys(shapes), names(interfaces));
for (const symbol of interfaces) {
  const properties = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
  const nullable = (property) => {
    const type = checker.getTypeOfSymbol(property);
    return type.isUnion() && type.types.some((one) => one.flags & ts.TypeFlags.Null);
  };
  const told = (name, maybe) => (maybe ? `${name} | null` : name);
  same(
    symbol.name,
    [...shapes[symbol.name].members].map(([name, maybe]) => told(name, maybe)),
    properties.map((property) => told(property.name, nullable(property))),
  );
}

console.log(`index.d.ts agrees with the package: ${compared} comparisons.`);
