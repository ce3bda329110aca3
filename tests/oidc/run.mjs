// Starts the provider and the service, and lets requests run while keys change and the provider is away.
//
//   node run.mjs USER_SERVICE PHASE_SECONDS OUTAGE_SECONDS

import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const program = process.argv[2];
const [phase, outage] = process.argv.slice(3).map(Number);
const AUDIENCE = 'user-service';
const PEOPLE = 20;
const AT_ONCE = 16;
// One request in so many has a forged token.
const FORGED_EVERY = 20;

const people = Array.from({ length: PEOPLE }, () => randomUUID());
const counts = { requests: 0, refused: 0, failed: 0, unexpected: 0, forged: 0, letIn: 0 };
let tokens = [];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const issuer = `http://127.0.0.1:${await freePort()}`;
const service = `http://127.0.0.1:${await freePort()}`;
const children = new Set();

function start(command, args, env) {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  return child;
}

async function stop(child, signal) {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit');
  }
  children.delete(child);
}

async function startProvider() {
  const child = start(process.execPath, ['server.mjs', new URL(issuer).port, AUDIENCE, ...people], {
    NODE_NO_WARNINGS: '1',
  });
  await until('the provider', () => fetch(`${issuer}/.well-known/jwks.json`));
  child.stdout.resume();
  return child;
}

async function until(what, ask) {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    try {
      if ((await ask()).ok) return;
    } catch {
      // it does not listen yet
    }
    await sleep(100);
  }
  throw new Error(`${what} does not answer`);
}

async function newToken(person, algorithm) {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${person}:${person}`)}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials', scope: 'users:read', resource: `urn:${algorithm}`,
    }),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.access_token;
}

async function newTokens() {
  const all = [];
  for (const person of people) {
    for (const algorithm of ['RS256', 'ES256']) all.push(await newToken(person, algorithm));
  }
  return all;
}

function ask(token, init = {}) {
  const path = init.method === 'POST' ? '/api/v1/users' : '/api/v1/users/me';
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(`${service}${path}`, { ...init, headers });
}

function forge(token) {
  const [head, claims, signature] = token.split('.');
  const turned = signature.split('').reverse().join('');
  return [head, claims, turned === signature ? `A${signature}` : turned].join('.');
}

async function one() {
  const token = tokens[Math.floor(Math.random() * tokens.length)];
  const isForged = counts.requests % FORGED_EVERY === 0;
  counts.requests += 1;
  if (isForged) counts.forged += 1;
  let status = 0;
  try {
    const response = await ask(isForged ? forge(token) : token);
    status = response.status;
    await response.arrayBuffer();
  } catch (error) {
    console.error(`no answer: ${error.cause?.code ?? error}`);
  }
  if (status >= 500) counts.failed += 1;
  else if (isForged) counts.letIn += status === 401 ? 0 : 1;
  else if (status === 401) counts.refused += 1;
  else if (status !== 200) counts.unexpected += 1;
}

/** Requests until `work` is done. */
async function underLoad(work) {
  let going = true;
  const loops = Array.from({ length: AT_ONCE }, async () => {
    while (going) await one();
  });
  try {
    return await work();
  } finally {
    going = false;
    await Promise.all(loops);
  }
}

function say(text) {
  console.log(`${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text} (${JSON.stringify(counts)})`);
}

const began = Date.now();
try {
  let provider = await startProvider();
  start(program, ['serve'], {
    DATABASE_URL: 'sqlite://oidc.db?mode=rwc',
    HOST: '127.0.0.1',
    PORT: new URL(service).port,
    LOG_LEVEL: 'warn',
    RATE_LIMITS: 'false',
    AUTH_MODE: 'jwks',
    AUTH_SERVICE_URL: issuer,
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: AUDIENCE,
    // As by default, unless the phases are shorter than that.
    AUTH_MIN_REFRESH_INTERVAL: String(Math.max(1, Math.floor(Math.min(30, phase, outage)))),
    CURSOR_SECRET_KEY: randomBytes(32).toString('hex'),
    // Every token is a session here.
    MAX_ACTIVE_SESSIONS: '0',
  }).stdout.resume();
  await until('the service', () => fetch(`${service}/health/ready`));
  tokens = await newTokens();
  for (const token of tokens.filter((_, n) => n % 2 === 0)) {
    const made = await ask(token, { method: 'POST', body: JSON.stringify({ display_name: 'Ana' }) });
    if (made.status !== 201) throw new Error(`no profile: ${made.status} ${await made.text()}`);
  }
  say('began');
  await underLoad(async () => {
    await sleep(phase * 1000);
    for (const turn of ['first', 'second']) {
      await fetch(`${issuer}/admin/rotate`, { method: 'POST' });
      const old = tokens;
      const renewed = await newTokens();
      tokens = [...old, ...renewed];
      say(`${turn} rotation: old and new keys`);
      await sleep((phase * 1000) / 2);
      tokens = renewed;
      // Requests with old tokens may be under way still.
      await sleep(1000);
      await fetch(`${issuer}/admin/retire`, { method: 'POST' });
      say(`${turn} rotation: new keys alone`);
      await sleep((phase * 1000) / 2);
    }
    await stop(provider, 'SIGKILL');
    say('the provider is away');
    await sleep(outage * 1000);
  });
  provider = await startProvider();
  tokens = await newTokens();
  say('the provider is back, with new keys');
  await underLoad(() => sleep(5000));
  say('ended');
} finally {
  await Promise.all([...children].map((child) => stop(child, 'SIGTERM')));
}

const seconds = ((Date.now() - began) / 1000).toFixed(0);
console.log(`requests               ${counts.requests} (${counts.forged} with forged tokens)
good tokens refused    ${counts.refused}
5xx                    ${counts.failed}
otherwise unexpected   ${counts.unexpected}
forged tokens let in   ${counts.letIn}
seconds                ${seconds}`);
const { refused, failed, unexpected, letIn } = counts;
process.exitCode = refused + failed + unexpected + letIn === 0 ? 0 : 1;
