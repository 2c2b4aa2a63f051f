// A whole flow with the SDK for JavaScript v3 on one endpoint: deploy a backend, then use it.
// The arguments are the folder that has the SDK and the configs; it prints what it found, as JSON.
const { createRequire } = require("node:module");

const sdk = createRequire(`${process.argv[2]}/`);
const amplifybackend = sdk("@aws-sdk/client-amplifybackend");
const appsync = sdk("@aws-sdk/client-appsync");
const cognito = sdk("@aws-sdk/client-cognito-identity-provider");
const s3 = sdk("@aws-sdk/client-s3");

const configs = JSON.parse(process.argv[3]);
const place = { AppId: "d1shop", BackendEnvironmentName: "dev" };
const amplify = new amplifybackend.AmplifyBackendClient({});

async function run(operation, params) {
  const started = await amplify.send(new amplifybackend[`${operation}Command`](params));
  const { AppId, BackendEnvironmentName, JobId } = started;
  const job = await amplify.send(
    new amplifybackend.GetBackendJobCommand({ AppId, BackendEnvironmentName, JobId }),
  );
  if (job.Status !== "COMPLETED") throw new Error(job.Error);
}

(async () => {
  await run("CreateBackend", { ...place, AppName: "shop" });
  for (const [operation, params] of Object.entries(configs)) {
    await run(operation, { ...place, ...params });
  }
  const backend = await amplify.send(new amplifybackend.GetBackendCommand(place));
  const meta = JSON.parse(backend.AmplifyMetaConfig);
  const output = (family) => Object.values(meta[family])[0].output;

  const users = new cognito.CognitoIdentityProviderClient({});
  const signedUp = await users.send(
    new cognito.SignUpCommand({
      ClientId: output("auth").AppClientIDWeb,
      Username: "ada@shop.example",
      Password: "Correct-horse-1",
      UserAttributes: [{ Name: "email", Value: "ada@shop.example" }],
    }),
  );
  const pictures = new s3.S3Client({ forcePathStyle: true });
  const object = { Bucket: output("storage").BucketName, Key: "a folder/ü+1.png" };
  await pictures.send(new s3.PutObjectCommand({ ...object, Body: "picture" }));
  const got = await pictures.send(new s3.GetObjectCommand(object));
  const { apiKeys } = await new appsync.AppSyncClient({}).send(
    new appsync.ListApiKeysCommand({ apiId: output("api").GraphQLAPIIdOutput }),
  );
  const found = {
    confirmed: signedUp.UserConfirmed,
    picture: await got.Body.transformToString(),
    keys: apiKeys.map((key) => key.id),
    key: output("api").GraphQLAPIKeyOutput,
  };
  process.stdout.write(JSON.stringify(found));
})();
