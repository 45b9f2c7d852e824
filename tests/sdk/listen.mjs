// Connects with the unmodified SDK and prints one JSON object a line for everything that happens.
// Commands come as lines on standard input: {"subscribe": "channel"}, {"rpc": "method"}.
import { createInterface } from 'node:readline';
import { Centrifuge } from 'centrifuge';
import WebSocket from 'ws';

const [url, api, accessToken, refreshToken] = process.argv.slice(2);
const session = { access: accessToken, refresh: refreshToken };
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

async function post(path, headers, body) {
  return fetch(`${api}${path}`, { method: 'POST', headers, body });
}

// As an application does it: an access token that has expired is renewed first.
async function getToken() {
  const ask = () => post('/api/v1/realtime/token', { authorization: `Bearer ${session.access}` });
  let answer = await ask();
  if (answer.status === 401) {
    const body = JSON.stringify({ refresh_token: session.refresh });
    const renewed = await post('/api/v1/auth/refresh-token', { 'content-type': 'application/json' }, body);
    if (!renewed.ok) throw new Error(`refresh: ${renewed.status}`);
    const tokens = await renewed.json();
    Object.assign(session, { access: tokens.access_token, refresh: tokens.refresh_token });
    answer = await ask();
  }
  if (!answer.ok) throw new Error(`token: ${answer.status}`);
  say({ token: answer.status });
  return (await answer.json()).token;
}

// The socket under the SDK, so that the frames can be looked at as they are.
class Overheard extends WebSocket {
  constructor(...all) {
    super(...all);
    this.on('message', (frame) => say({ frame: String(frame), from: 'server' }));
  }
  send(frame, ...more) {
    say({ frame: String(frame), from: 'client' });
    super.send(frame, ...more);
  }
}

const client = new Centrifuge(url, { websocket: Overheard, getToken, minReconnectDelay: 50, maxReconnectDelay: 200 });
client.on('connected', () => say({ connected: true }));
client.on('disconnected', (context) => say({ disconnected: context.code }));
client.on('publication', (context) => say({ channel: context.channel, offset: context.offset, data: context.data }));
client.on('error', (context) => say({ error: context.error.message }));

function subscribe(channel) {
  const subscription = client.newSubscription(channel, { recoverable: true, positioned: true });
  subscription.on('subscribed', (context) => say({ subscribed: channel, recovered: context.recovered, was: context.wasRecovering }));
  subscription.on('publication', (context) => say({ channel, offset: context.offset, data: context.data }));
  subscription.on('error', (context) => say({ channel, refused: context.error.code }));
  subscription.on('unsubscribed', (context) => say({ unsubscribed: channel, code: context.code }));
  subscription.subscribe();
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const command = JSON.parse(line);
  if (command.subscribe) subscribe(command.subscribe);
  if (command.rpc) {
    client.rpc(command.rpc, {}).then(
      (answer) => say({ rpc: command.rpc, answer: answer.data }),
      (error) => say({ rpc: command.rpc, failed: error.code }),
    );
  }
});
client.connect();
