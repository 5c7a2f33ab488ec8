// The set-up form of every platform is drawn by a form library that knows nothing of us, and its answers are checked by
// the schema alone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as rjsf from "@rjsf/core";
import { customizeValidator } from "@rjsf/validator-ajv8";
import Ajv2020 from "ajv/dist/2020.js";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { platforms, registerTemplate } from "@taxpoynt/engine";

const only = (module) => module.default ?? module;
const Form = only(only(rjsf));
const validator = only(customizeValidator)({ AjvClass: only(Ajv2020) });

const example = join(process.env.TAXPOYNT_REPOSITORY, "examples", "custom-connector", "kiosk.toml");
registerTemplate(readFileSync(example, "utf8"), { name: "kiosk.toml" });

const faults = (schema, answers) => validator.validateFormData(answers, schema).errors.map((error) => error.property);

for (const { id, name, settings, setupForm } of platforms()) {
  test(`the set-up form of ${name} renders: a heading, every setting with its sentence, secrets hidden`, () => {
    const page = renderToStaticMarkup(createElement(Form, { schema: setupForm, validator }));
    assert.match(page, new RegExp(`Connect ${name}`));
    for (const setting of settings) {
      assert.ok(page.includes(`id="root_settings_${setting.name}"`), `${id}: no field for ${setting.name}`);
    }
    assert.ok(!page.includes("Unsupported field schema"), page);
    const secrets = page.match(/<input[^>]*(?:token|secret|private_key)"[^>]*>/g) ?? [];
    assert.ok(secrets.every((input) => input.includes('type="password"')), secrets.join("\n"));
  });
}

test("the answers of a form are checked by its schema", () => {
  const schema = platforms().find(({ id }) => id === "kiosk").setupForm;
  assert.deepEqual(faults(schema, { credentials: { access_token: "a key" }, settings: { shop_group: "north" } }), []);
  assert.deepEqual(faults(schema, { credentials: {} }), [".credentials.access_token"]);
  assert.ok(faults(schema, { credentials: { access_token: "a key" }, settings: { shop: "north" } }).length > 0);
});

test("a platform with several ways to sign in lets a person choose", () => {
  const { setupForm } = platforms().find(({ id }) => id === "pipedrive");
  const page = renderToStaticMarkup(createElement(Form, { schema: setupForm, validator }));
  assert.match(page, /Sign in at Pipedrive/);
  assert.match(page, /API key/);
});
