// Running background workers.

export class Workers {
  #stop;
  #stopping;

  constructor(stop) {
    this.#stop = stop;
  }

  async stop() {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  async [Symbol.asyncDispose]() {
    await this.stop();
  }
}
