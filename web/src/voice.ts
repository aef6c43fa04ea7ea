// Recording of speech, where the browser allows it.

import { ApiError } from './errors.js';
import { wavOf } from './wav.js';

/** Enough for speech, in samples a second. */
const rate = 16000;

/** Tells whether recordings can be made at all: they need a safe page, and the visitor's consent later. */
export function canRecord(): boolean {
  return typeof MediaRecorder !== 'undefined' && typeof OfflineAudioContext !== 'undefined' && !!navigator.mediaDevices?.getUserMedia;
}

/** A recording that runs. */
export class Recording {
  private readonly chunks: Blob[] = [];

  private constructor(
    private readonly media: MediaStream,
    private readonly recorder: MediaRecorder,
  ) {
    recorder.addEventListener('dataavailable', (event) => this.chunks.push(event.data));
    recorder.start();
  }

  /** Asks for the microphone and begins. */
  static async start(): Promise<Recording> {
    let media: MediaStream | undefined;
    try {
      media = await navigator.mediaDevices.getUserMedia({ audio: true });
      return new Recording(media, new MediaRecorder(media));
    } catch (thrown) {
      release(media);
      throw new ApiError('microphone', thrown instanceof Error ? thrown.message : '');
    }
  }

  /** Ends and returns what was said, as a WAV file. */
  async finish(): Promise<Blob> {
    const stopped = new Promise<void>((resolve) => this.recorder.addEventListener('stop', () => resolve(), { once: true }));
    this.recorder.stop();
    await stopped;
    release(this.media);
    const recorded = await new Blob(this.chunks).arrayBuffer();
    const context = new OfflineAudioContext(1, 1, rate); // decoding gives samples at this rate
    const sound = await context.decodeAudioData(recorded);
    return new Blob([wavOf(sound.getChannelData(0), rate)], { type: 'audio/wav' });
  }

  /** Ends and forgets. */
  discard(): void {
    if (this.recorder.state !== 'inactive') {
      this.recorder.stop();
    }
    release(this.media);
  }
}

function release(media: MediaStream | undefined): void {
  for (const track of media?.getTracks() ?? []) {
    track.stop();
  }
}
