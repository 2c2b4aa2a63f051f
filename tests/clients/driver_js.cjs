// Calls the service with the SDK for JavaScript v3: a request per line in, an outcome per line out.
// The first argument is the folder that has the SDK in its node_modules.
const { createRequire } = require("node:module");
const readline = require("node:readline");

const sdk = createRequire(`${process.argv[2]}/`)("@aws-sdk/client-amplifybackend");
const clients = new Map();

function client(endpoint) {
  if (!clients.has(endpoint)) {
    clients.set(endpoint, new sdk.AmplifyBackendClient({ endpoint }));
  }
  return clients.get(endpoint);
}

function failure(error) {
  if (error.$metadata?.httpStatusCode === undefined) throw error;
  const members = Object.entries(error).filter(([name]) => /^[A-Z].*Type$/.test(name));
  return {
    status: error.$metadata.httpStatusCode,
    kind: error instanceof (sdk[error.name] ?? Array) ? error.name : `plain ${error.name}`,
    message: error.message,
    members: Object.fromEntries(members.filter(([, value]) => value !== undefined)),
  };
}

async function outcome(endpoint, operation, params) {
  try {
    const command = new sdk[`${operation}Command`](params);
    const { $metadata, ...answer } = await client(endpoint).send(command);
    return { status: $metadata.httpStatusCode, answer };
  } catch (error) {
    return failure(error);
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await outcome(...JSON.parse(line)))}\n`);
  }
  clients.forEach((one) => one.destroy());
})();
