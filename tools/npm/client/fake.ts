// The fake Coze server that the client talks to.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../../', import.meta.url));

export interface Fake {
  url: string;
  token: string;
  /** What the server has told of requests and answers that do not fit the document. */
  complaints(): string;
  stop(): Promise<void>;
}

/** Builds cmd/fakecoze and starts it at a free port. */
export async function startFake(): Promise<Fake> {
  const dir = mkdtempSync(path.join(tmpdir(), 'cozekit-client-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const program = path.join(dir, 'fakecoze');
  const built = spawnSync('go', ['build', '-o', program, './cmd/fakecoze'], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) {
    throw new Error(`go build: ${built.stderr}`);
  }
  const child = spawn(program, ['-addr', '127.0.0.1:0', '-delta-pause', '0s'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const facts = new Map<string, string>();
  for await (const line of createInterface(child.stdout)) {
    const [name, value] = line.split(/:\s+/, 2);
    if (name !== undefined && value !== undefined) {
      facts.set(name, value);
    }
    if (facts.has('url') && facts.has('token')) {
      break;
    }
  }
  return {
    url: facts.get('url') ?? '',
    token: facts.get('token') ?? '',
    complaints: () => complaints,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
