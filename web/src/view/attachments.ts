// Files that go with the next question: they are uploaded as soon as they are chosen.

import { isAbort } from '../api.js';
import { h, icon, iconButton } from '../dom.js';
import { asApiError } from '../errors.js';
import type { Words } from '../i18n.js';
import type { Attachment } from '../messages.js';
import type { Platform } from '../platform.js';

interface Upload extends Attachment {
  abort: AbortController;
  state: 'running' | 'done' | 'failed';
  element: HTMLElement;
}

/** More files than this cannot go with one question. */
const most = 10;

export class Attachments {
  readonly element = h('ul', { class: 'attachments', hidden: true });
  private uploads: Upload[] = [];

  constructor(
    private readonly platform: Platform,
    private readonly words: Words,
    private readonly announce: (text: string) => void,
    private readonly changed: () => void,
  ) {}

  get busy(): boolean {
    return this.uploads.some((u) => u.state === 'running');
  }

  get count(): number {
    return this.uploads.filter((u) => u.state === 'done').length;
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      if (this.uploads.length < most) {
        void this.upload(file);
      }
    }
  }

  /** Returns what has been uploaded, and forgets it. */
  take(): Attachment[] {
    const taken = this.uploads.filter((u) => u.state === 'done').map(({ kind, name, url, fileId }) => ({ kind, name, url, fileId }));
    this.uploads = [];
    this.element.replaceChildren();
    this.update();
    return taken;
  }

  dispose(): void {
    for (const upload of this.uploads) {
      upload.abort.abort();
    }
  }

  private async upload(file: File): Promise<void> {
    const { words } = this;
    const image = /^image\/(png|jpeg|gif|webp|bmp|avif)$/.test(file.type);
    const bar = h('progress', { max: 100, value: 0, 'aria-label': words.uploading(file.name, 0) });
    const note = h('span', { class: 'small' });
    const upload: Upload = {
      kind: image ? 'image' : 'file', name: file.name, url: image ? URL.createObjectURL(file) : '', fileId: '',
      abort: new AbortController(), state: 'running', element: h('li', {}),
    };
    upload.element.append(
      image ? h('img', { src: upload.url, alt: '' }) : icon('file'), h('span', { class: 'file-name' }, file.name), bar, note,
      iconButton('close', words.removeFile(file.name), () => this.remove(upload)));
    this.uploads.push(upload);
    this.element.append(upload.element);
    this.update();
    try {
      upload.fileId = await this.platform.upload(file, (part) => {
        bar.value = part * 100;
        bar.setAttribute('aria-label', words.uploading(file.name, Math.round(part * 100)));
      }, upload.abort.signal);
      upload.state = 'done';
      this.announce(words.uploaded(file.name));
    } catch (thrown) {
      if (isAbort(thrown)) {
        return;
      }
      const error = asApiError(thrown);
      upload.state = 'failed';
      note.textContent = words.error[error.kind] + (error.logId ? ` ${words.logId}: ${error.logId}` : '');
      this.announce(`${words.uploadFailed(file.name)}. ${words.error[error.kind]}`);
    }
    upload.element.dataset['state'] = upload.state;
    bar.remove();
    this.update();
  }

  private remove(upload: Upload): void {
    upload.abort.abort();
    upload.element.remove();
    this.uploads = this.uploads.filter((u) => u !== upload);
    if (upload.url !== '') {
      URL.revokeObjectURL(upload.url);
    }
    this.update();
  }

  private update(): void {
    this.element.hidden = this.uploads.length === 0;
    this.changed();
  }
}
