// The microphone: speech becomes text in the input field.

import { h, icon, iconButton, setAttributes } from '../dom.js';
import { asApiError, type ApiError } from '../errors.js';
import type { Words } from '../i18n.js';
import type { Platform } from '../platform.js';
import { Recording } from '../voice.js';

export interface VoiceEvents {
  text: (text: string) => void;
  error: (error: ApiError) => void;
  announce: (text: string) => void;
}

export class VoiceButton {
  readonly button: HTMLButtonElement;
  /** What runs, beside the button. */
  readonly status = h('span', { class: 'recording', hidden: true });
  private readonly clock = h('span', {}, '0:00');
  private readonly cancel: HTMLButtonElement;
  private recording: Recording | undefined;
  private state: 'idle' | 'asking' | 'recording' | 'sending' = 'idle';
  private ticking: ReturnType<typeof setInterval> | undefined;
  private readonly abort = new AbortController();

  constructor(
    private readonly platform: Platform,
    private readonly words: Words,
    private readonly events: VoiceEvents,
  ) {
    this.button = iconButton('mic', words.record, () => void this.press());
    this.cancel = iconButton('close', words.cancelRecording, () => this.discard());
  }

  /** Ends what runs without a result. */
  discard(): void {
    this.recording?.discard();
    this.recording = undefined;
    this.show('idle');
  }

  dispose(): void {
    this.abort.abort();
    this.discard();
  }

  private async press(): Promise<void> {
    try {
      if (this.state === 'idle') {
        await this.start();
      } else if (this.state === 'recording') {
        await this.finish();
      }
    } catch (thrown) {
      this.discard();
      if (!this.abort.signal.aborted) {
        this.events.error(asApiError(thrown));
      }
    }
  }

  private async start(): Promise<void> {
    this.show('asking');
    const recording = await Recording.start();
    if (this.state !== 'asking' || this.abort.signal.aborted) {
      recording.discard();
      return;
    }
    this.recording = recording;
    this.show('recording');
    this.events.announce(this.words.recording);
  }

  private async finish(): Promise<void> {
    const { recording } = this;
    if (recording === undefined) {
      return;
    }
    this.recording = undefined;
    this.show('sending');
    const sound = await recording.finish();
    const text = await this.platform.transcribe(sound, 'recording.wav', this.abort.signal);
    this.show('idle');
    if (text.trim() === '') {
      this.events.announce(this.words.nothingHeard);
    } else {
      this.events.text(text.trim());
    }
  }

  private show(state: VoiceButton['state']): void {
    const { words } = this;
    this.state = state;
    clearInterval(this.ticking);
    const recording = state === 'recording';
    const label = recording ? words.stopRecording : words.record;
    setAttributes(this.button, { 'aria-label': label, title: label, 'aria-pressed': String(recording), 'data-state': state });
    this.button.disabled = state === 'asking' || state === 'sending';
    this.button.replaceChildren(icon(recording ? 'check' : 'mic'));
    this.status.hidden = state !== 'recording' && state !== 'sending';
    if (state === 'sending') {
      this.status.replaceChildren(words.transcribing);
    }
    if (recording) {
      const start = Date.now();
      this.clock.textContent = '0:00';
      this.status.replaceChildren(h('i', { class: 'pulse' }), words.recording, this.clock, this.cancel);
      this.ticking = setInterval(() => {
        const seconds = Math.floor((Date.now() - start) / 1000);
        this.clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
      }, 250);
    }
  }
}
