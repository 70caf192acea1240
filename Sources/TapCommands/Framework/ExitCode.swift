// The exit codes that only the command has, and their meanings for scripts and schedulers.

import LayerTap
import TapServing

extension ExitCode {
  /// Standard output was closed: 128 plus the number of `SIGPIPE`, as in a shell.
  package static let closedOutput: Int32 = 141

  /// The meaning of each exit code, in words for people.
  package static let meanings: [(codes: String, text: String)] = [
    ("0", "done"),
    (
      "64",
      "a wrong command line: an unknown option or layer, an invalid value, a result that would replace an input"
    ),
    (
      "65",
      "an input with the wrong content; an image that cannot be read (predict, classify); a warning with --strict"
    ),
    ("66", "a file, weights or images do not exist"),
    ("70", "an error in this program"),
    ("73", "a result cannot be written to the given path"),
    ("74", "a read or a write failed"),
    ("75", "another process uses the store, or the disk is full"),
    ("77", "permission denied by the operating system"),
    ("129, 130, 143", "SIGHUP, SIGINT (control-C), SIGTERM"),
    ("141", "standard output is closed"),
  ]
}

extension UsageError: ExitCoded { package var exitCode: Int32 { ExitCode.usage } }

extension CommandError: ExitCoded {
  package var exitCode: Int32 {
    switch self {
    case .outputExists, .outputIsFolder, .foreignFile, .archiveTooLarge: ExitCode.output
    case .wouldFillDisk, .clientsLeft: ExitCode.temporary
    case .noSuchStoredLayer: ExitCode.usage
    case .interrupted: ExitCode.interrupted
    case .nothingToEmbed, .backboneOfFile: ExitCode.missingInput
    default: ExitCode.data
    }
  }
}

extension ServingError: ExitCoded {
  package var exitCode: Int32 {
    switch self {
    case .longPath: ExitCode.usage
    case .inUse: ExitCode.temporary
    case .notASocket: ExitCode.output
    case .file(let error): error.exitCode
    }
  }
}
