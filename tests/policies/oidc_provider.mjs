// A real OpenID provider for one test. `node oidc_provider.mjs <path of the oidc-provider package>` prints its port.
// POST /rotate: from now on a new key signs; the old ones stay published for a while. POST /retire: only the newest is.

import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { pathToFileURL } from "node:url";

const { default: Provider } = await import(pathToFileURL(`${process.argv[2]}/lib/index.js`));

const API = "urn:example:chat";
const keys = [];

function addKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  keys.unshift({ ...privateKey.export({ format: "jwk" }), kid: `key-${keys.length + 1}`, alg: "RS256", use: "sig" });
}

function makeProvider(issuer) {
  return new Provider(issuer, {
    jwks: { keys },
    cookies: { keys: ["test"] },
    pkce: { required: () => false },
    clients: [
      { client_id: "robot", client_secret: "robot-secret", grant_types: ["client_credentials"], redirect_uris: [], response_types: [] },
      { client_id: "gateway", client_secret: "s:/+ %", grant_types: ["client_credentials"], redirect_uris: [], response_types: [] },
      { client_id: "web", client_secret: "web-secret", grant_types: ["authorization_code"], redirect_uris: [`${issuer}/landing`] },
    ],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, roles: ["customer"] }) }),
    extraTokenClaims: (_, token) => ({ roles: [token.clientId === "robot" ? "partner" : "customer"] }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope: "orders:read",
          audience: API,
          accessTokenFormat: resource.endsWith("opaque") ? "opaque" : "jwt",
          accessTokenTTL: 300,
        }),
      },
    },
  });
}

let handler;
let issuer;

const server = createServer((request, response) => {
  if (request.method === "POST" && (request.url === "/rotate" || request.url === "/retire")) {
    request.url === "/rotate" ? addKey() : keys.splice(1);
    handler = makeProvider(issuer).callback();
    response.end();
    return;
  }
  handler(request, response);
});

addKey();
server.listen(0, "127.0.0.1", () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  handler = makeProvider(issuer).callback();
  console.log(server.address().port);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
