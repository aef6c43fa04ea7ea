// The fake Coze server that the tests talk to.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Builds interop/fake into a temporary directory and starts it.
 *
 * @param {string} publicKey PEM text, of the apps that sign JWTs
 * @returns what the fake printed, and `dir` for files of tests, and `stop`, which ends the fake and returns its report
 */
export async function startFake(publicKey) {
  const dir = mkdtempSync(path.join(tmpdir(), 'cozekit-interop-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const program = path.join(dir, 'fake');
  const built = spawnSync('go', ['build', '-buildvcs=false', '-o', program, './interop/fake'], { cwd: root, stdio: 'inherit' });
  if (built.error || built.status !== 0) {
    throw new Error('interop/fake does not build', { cause: built.error });
  }
  const keyFile = path.join(dir, 'public.pem');
  writeFileSync(keyFile, publicKey);

  // It serves until its standard input ends, which happens also when this process dies.
  const child = spawn(program, ['-public-key', keyFile], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const readLine = async () => {
    const { value, done } = await lines.next();
    if (done) {
      throw new Error('the fake has ended too early');
    }
    return JSON.parse(value);
  };
  const greeting = await readLine();
  return {
    ...greeting,
    dir,
    async stop() {
      child.stdin.end();
      const report = await readLine();
      const [code] = await exited;
      return { ...report, code };
    },
  };
}
