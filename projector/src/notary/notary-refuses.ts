/** The log is not the one that was signed before, or goes on otherwise: nothing is signed until somebody has looked. */
export class NotaryRefuses extends Error {
  override readonly name = 'NotaryRefuses';
}

/** Another notary signed meanwhile: this one stops, and starts over by reading. */
export class LostRace extends Error {
  override readonly name = 'LostRace';
}
