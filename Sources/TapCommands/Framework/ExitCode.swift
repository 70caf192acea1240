// The exit codes for scripts and schedulers: the codes of sysexits.h, and a shell's codes for signals.

import Glibc
import LayerTap
import TapCheckpoints
import TapFileSystem
import TapFormats
import TapSettings

/// Exit codes. After an error with a code from 73 to 75, the same command can succeed later. After every other error,
/// the user must first change something.
package enum ExitCode {
  package static let success: Int32 = 0
  /// `EX_USAGE`: the command line is wrong.
  package static let usage: Int32 = 64
  /// `EX_DATAERR`: the input does not have the required content.
  package static let data: Int32 = 65
  /// `EX_NOINPUT`: a file, weights or images do not exist.
  package static let missingInput: Int32 = 66
  /// `EX_SOFTWARE`: this program has an error.
  package static let software: Int32 = 70
  /// `EX_CANTCREAT`: a result cannot be created at the requested place.
  package static let output: Int32 = 73
  /// `EX_IOERR`: reading or writing failed.
  package static let inputOutput: Int32 = 74
  /// `EX_TEMPFAIL`: something is in use, or the disk is full.
  package static let temporary: Int32 = 75
  /// `EX_NOPERM`: the operating system does not permit the operation.
  package static let permission: Int32 = 77
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

  /// The code of an error that ended a command.
  package static func of(_ error: any Error) -> Int32 { (error as? any ExitCoded)?.exitCode ?? software }
}

/// An error that can end a command.
private protocol ExitCoded: Error {
  var exitCode: Int32 { get }
}

extension ExitCoded {
  var exitCode: Int32 { ExitCode.data }
}

extension ArchitectureError: ExitCoded {}
extension CheckpointError: ExitCoded {
  var exitCode: Int32 { if case .file(let error) = reason { error.exitCode } else { ExitCode.data } }
}
extension ImageError: ExitCoded {}
extension JSONError: ExitCoded {}
extension LinearModelError: ExitCoded {}
extension NPYError: ExitCoded {}
extension ONNXError: ExitCoded {
  var exitCode: Int32 { if case .file(let error) = reason { error.exitCode } else { ExitCode.data } }
}
extension SafetensorsError: ExitCoded {}
extension SelectionError: ExitCoded {}
extension ZipError: ExitCoded {}

extension UsageError: ExitCoded { var exitCode: Int32 { ExitCode.usage } }
extension SettingsError: ExitCoded { var exitCode: Int32 { ExitCode.usage } }

extension FileSystemError: ExitCoded {
  fileprivate var exitCode: Int32 {
    switch self {
    case .systemCall(let call, _, let code):
      switch code {
      case ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EAGAIN: ExitCode.temporary
      case EACCES, EPERM: ExitCode.permission
      case _ where call == "create": ExitCode.output
      case EROFS: ExitCode.output
      case ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP: ExitCode.missingInput
      default: ExitCode.inputOutput
      }
    case .fileTooShort, .tooLarge: ExitCode.data
    case .inUse: ExitCode.temporary
    case .zeroByteInPath, .emptyPath, .unreadableKind, .pipeWithoutWriter: ExitCode.missingInput
    case .isFolder, .notAFile: ExitCode.output
    }
  }
}

extension BackboneError: ExitCoded {
  fileprivate var exitCode: Int32 {
    switch self {
    case .unknownLayer, .poolingNeedsParameters, .sizeOutOfRange: ExitCode.usage
    default: ExitCode.data
    }
  }
}

extension FeatureError: ExitCoded {
  fileprivate var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    case .backbone(let error): error.exitCode
    case .noSuchColumn, .noColumns, .severalStores: ExitCode.usage
    case .manifestMatchesNothing, .imagesOfRowsMissing: ExitCode.missingInput
    case .changedMeanwhile: ExitCode.inputOutput
    case .interrupted: Interruption.exitCode
    default: ExitCode.data
    }
  }
}

extension WeightsError: ExitCoded {
  fileprivate var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    case .missing: ExitCode.missingInput
    case .noFolder: ExitCode.output
    default: ExitCode.data
    }
  }
}

extension BackboneLoadingError: ExitCoded {
  fileprivate var exitCode: Int32 {
    switch self {
    case .weights(let error): error.exitCode
    case .onnx(let error): error.exitCode
    case .checkpoint(let error): error.exitCode
    case .unknown, .noKnownWeights: ExitCode.missingInput
    case .noPreprocessing: ExitCode.usage
    default: ExitCode.data
    }
  }
}

extension ClassifierError: ExitCoded {
  fileprivate var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    default: ExitCode.data
    }
  }
}

extension TrainingError: ExitCoded {
  fileprivate var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    case .classifier(let error): error.exitCode
    case .labelsMissing: ExitCode.missingInput
    case .settings, .nestedValidation, .testSplitTwice, .validationSplitTwice: ExitCode.usage
    default: ExitCode.data
    }
  }
}

extension RunError: ExitCoded {
  fileprivate var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    case .loading(let error): error.exitCode
    case .features(let error): error.exitCode
    case .training(let error): error.exitCode
    case .classifier(let error): error.exitCode
    case .resultIsInput: ExitCode.usage
    case .syntax, .configuration, .architecture, .backbone, .noTestImages: ExitCode.data
    }
  }
}

extension CommandError: ExitCoded {
  fileprivate var exitCode: Int32 {
    switch self {
    case .outputExists, .outputIsFolder, .foreignFile, .archiveTooLarge: ExitCode.output
    case .wouldFillDisk: ExitCode.temporary
    case .noSuchStoredLayer: ExitCode.usage
    case .interrupted: Interruption.exitCode
    case .nothingToEmbed, .backboneOfFile: ExitCode.missingInput
    default: ExitCode.data
    }
  }
}
