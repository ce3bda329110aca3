// An OpenID provider that issues JWT access tokens (RFC 9068) for client credentials.
//
//   node server.mjs PORT AUDIENCE CLIENT_ID...
//
// A client's id is the `sub` of its tokens. `POST /admin/rotate` adds new keys, which sign from then on;
// `POST /admin/retire` removes all but those.

import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';

import Provider from 'oidc-provider';

const [port, audience, ...clients] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const algorithms = ['RS256', 'ES256'];

function newKeys() {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return [rsa, ec].map(({ privateKey }, n) => ({
    ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: algorithms[n], kid: randomUUID(),
  }));
}

function provider(keys) {
  return new Provider(issuer, {
    clients: clients.map((client_id) => ({
      client_id,
      client_secret: client_id,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    jwks: { keys },
    routes: { jwks: '/.well-known/jwks.json' },
    scopes: ['users:read'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // The resource names the algorithm: urn:RS256, urn:ES256.
        getResourceServerInfo: (_ctx, resource) => ({
          scope: 'users:read',
          audience,
          accessTokenTTL: 3600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: resource.slice('urn:'.length) } },
        }),
      },
    },
    formats: {
      customizers: {
        jwt(_ctx, token, parts) {
          parts.payload.sub = token.clientId;
        },
      },
    },
  });
}

let keys = newKeys();
let handle = provider(keys).callback();

function use(next) {
  keys = next;
  handle = provider(keys).callback();
}

const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/admin/rotate') {
    use([...newKeys(), ...keys]);
  } else if (request.method === 'POST' && request.url === '/admin/retire') {
    use(keys.slice(0, algorithms.length));
  } else {
    handle(request, response);
    return;
  }
  response.end();
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
