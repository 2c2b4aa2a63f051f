// Tells what Amplify's own packages make of a schema, a payload or a meta: a request per line in,
// an answer per line out. The first argument is the folder that has them in its node_modules.
const Module = require("node:module");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");

for (const level of ["debug", "error", "info", "log", "warn"]) console[level] = () => {};

const load = Module.createRequire(`${process.argv[2]}/`);

// Beside the generator, npm gives each transformer its own copy of a package in which they share
// the names of tables. Installed alone they have one copy, as in the CLI: so they have one here.
const shared = "graphql-transformer-common";
const resolve = Module._resolveFilename;
const theirs = Module.createRequire(load.resolve("@aws-amplify/graphql-transformer-core"));
Module._resolveFilename = (request, parent, ...rest) =>
  request === shared && /graphql-[\w-]*transformer/.test(parent?.path)
    ? theirs.resolve(`${shared}/lib/index.js`)
    : resolve(request, parent, ...rest);

const cdk = load("aws-cdk-lib");
const { generateModels } = load("@aws-amplify/graphql-generator");
const { constructTransform } = load("@aws-amplify/graphql-transformer");
const core = load("@aws-amplify/graphql-transformer-core");
const headless = load("amplify-util-headless-input");

// The validator compiles a schema anew for each payload, which takes it nearly all of its time.
const Ajv = Module.createRequire(load.resolve("amplify-util-headless-input"))("ajv");
const { compile } = Ajv.prototype;
const compiled = new Map();
Ajv.prototype.compile = function (schema) {
  const file = schema.default ?? schema;
  if (!compiled.has(file)) compiled.set(file, compile.call(this, schema));
  return compiled.get(file);
};

const PROVIDERS = {
  API_KEY: { apiKeyConfig: { apiKeyExpirationDays: 7 } },
  AWS_IAM: {},
  AMAZON_COGNITO_USER_POOLS: { userPoolConfig: { userPoolId: "us-east-1_123456789" } },
  OPENID_CONNECT: {
    openIDConnectConfig: { name: "oidc", issuerUrl: "https://oidc.example.com/", clientId: "web" },
  },
};

// What an API is compiled with besides its schema; none of it is looked at before it is deployed.
const asset = { addResourceMetadata() {}, grantRead() {}, httpUrl: "https://s3/b/k", s3BucketName: "b" };
const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "oracles-")); // else each app makes one
const context = { "aws:cdk:disable-stack-trace": true }; // of where each resource is made
const synthParameters = {
  amplifyEnvironmentName: "dev",
  apiName: "shop",
  authenticatedUserRoleName: "auth",
  unauthenticatedUserRoleName: "unauth",
  userPoolId: "us-east-1_123456789",
};

function transform(schema, modes) {
  const [first, ...others] = modes.map((mode) => ({ authenticationType: mode, ...PROVIDERS[mode] }));
  constructTransform({
    authConfig: { defaultAuthentication: first, additionalAuthenticationProviders: others },
    resolverConfig: {},
    transformParameters: { sandboxModeEnabled: /\binput\s+AMPLIFY\b/.test(schema) },
    transformersFactoryArgs: { storageConfig: { bucketName: "bucket" } },
  }).transform({
    assetProvider: { provide: () => ({ ...asset, s3ObjectKey: "k", s3ObjectUrl: "s3://b/k" }) },
    dataSourceStrategies: core.constructDataSourceStrategies(
      schema,
      core.DDB_DEFAULT_DATASOURCE_STRATEGY,
    ),
    nestedStackProvider: { provide: (scope, name) => new cdk.NestedStack(scope, name) },
    schema,
    scope: new cdk.Stack(new cdk.App({ autoSynth: false, context, outdir }), "root"),
    synthParameters,
  });
}

async function refusal(attempt) {
  try {
    await attempt();
    return null;
  } catch (error) {
    return String(error.message ?? error);
  }
}

async function generated(schema, target, file) {
  const files = Object.entries(await generateModels({ schema, target }));
  return files.find(([path]) => path.endsWith(file))[1];
}

const answers = {
  async schema({ schema, modes }) {
    const refused = await refusal(() => transform(schema, modes));
    if (refused !== null) return { refused };
    const answer = { refused };
    answer.ungenerated = await refusal(async () => {
      answer.models = await generated(schema, "javascript", "schema.js");
      answer.introspection = await generated(schema, "introspection", ".json");
    });
    return answer;
  },
  // validator: the name of a function of amplify-util-headless-input, such as validateAddApiRequest
  async payload({ validator, payload }) {
    return { refused: await refusal(() => headless[validator](payload)) };
  },
  // resources: the entries of a meta by their services, as the CLI hands them to a front end
  async frontend({ resources }) {
    const creator = "@aws-amplify/amplify-frontend-javascript/lib/frontend-config-creator.js";
    const answer = {};
    answer.refused = await refusal(() => {
      answer.exports = load(creator).getAWSExportsObject(resources);
    });
    return answer;
  },
};

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { kind, ...request } = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(await answers[kind](request))}\n`);
  }
  fs.rmSync(outdir, { recursive: true });
})();
