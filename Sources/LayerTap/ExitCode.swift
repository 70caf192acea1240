// The kinds of errors as numbers: the exit codes of the command and the statuses of the C face. They are the codes of
// sysexits.h.

import Glibc
import TapArchitectures
import TapAudit
import TapBackbone
import TapCheckpoints
import TapClassifier
import TapExtraction
import TapFeatures
import TapFileSystem
import TapFormats
import TapImages
import TapInterchange
import TapLinear
import TapONNX
import TapRun
import TapSelection
import TapSettings
import TapTraining

/// Codes of errors. After an error with a code from 73 to 75, the same call can succeed later. After every other error,
/// the user must first change something.
package enum ExitCode {
  package static let success: Int32 = 0
  /// `EX_USAGE`: the command line or a setting is wrong.
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
  /// The user asked to stop: 128 plus the number of `SIGINT`, as in a shell.
  package static let interrupted: Int32 = 130

  /// The code of an error.
  package static func of(_ error: any Error) -> Int32 { (error as? any ExitCoded)?.exitCode ?? software }
}

/// An error whose kind has an exit code.
package protocol ExitCoded: Error {
  /// The code of this error.
  var exitCode: Int32 { get }
}

extension ExitCoded {
  package var exitCode: Int32 { ExitCode.data }
}

extension ArchitectureError: ExitCoded {}
extension CheckpointError: ExitCoded {
  package var exitCode: Int32 { if case .file(let error) = reason { error.exitCode } else { ExitCode.data } }
}
extension ImageError: ExitCoded {}
extension JSONError: ExitCoded {}
extension LinearModelError: ExitCoded {}
extension NPYError: ExitCoded {}
extension ONNXError: ExitCoded {
  package var exitCode: Int32 { if case .file(let error) = reason { error.exitCode } else { ExitCode.data } }
}
extension SafetensorsError: ExitCoded {}
extension SelectionError: ExitCoded {}
extension SimilarityError: ExitCoded {}
extension ZipError: ExitCoded {}

extension SettingsError: ExitCoded { package var exitCode: Int32 { ExitCode.usage } }

extension FileSystemError: ExitCoded {
  package var exitCode: Int32 {
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
    case .fileTooShort, .tooLarge, .damagedTar: ExitCode.data
    case .inUse: ExitCode.temporary
    case .zeroByteInPath, .emptyPath, .unreadableKind, .pipeWithoutWriter: ExitCode.missingInput
    case .isFolder, .notAFile: ExitCode.output
    }
  }
}

extension BackboneError: ExitCoded {
  package var exitCode: Int32 {
    switch self {
    case .unknownLayer, .poolingNeedsParameters, .sizeOutOfRange: ExitCode.usage
    default: ExitCode.data
    }
  }
}

extension FeatureError: ExitCoded {
  package var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    case .backbone(let error): error.exitCode
    case .unreadableFile(_, let error): error.exitCode
    case .noSuchColumn, .noColumns, .severalStores: ExitCode.usage
    case .manifestMatchesNothing, .imagesOfRowsMissing: ExitCode.missingInput
    case .changedMeanwhile: ExitCode.inputOutput
    case .otherShard, .mergedAlready: ExitCode.output
    case .interrupted: ExitCode.interrupted
    default: ExitCode.data
    }
  }
}

extension WeightsError: ExitCoded {
  package var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    case .missing, .notInHubCache: ExitCode.missingInput
    case .noFolder: ExitCode.output
    default: ExitCode.data
    }
  }
}

extension WeightsFetchError: ExitCoded {
  package var exitCode: Int32 {
    switch self {
    case .weights(let error): error.exitCode
    case .invalidAddress: ExitCode.usage
    case .noAddress, .noProgram: ExitCode.missingInput
    case .refused(_, let status): 400..<500 ~= status ? ExitCode.missingInput : ExitCode.inputOutput
    case .failed, .incomplete: ExitCode.inputOutput
    case .otherBytes: ExitCode.data
    case .taken: ExitCode.output
    case .interrupted: ExitCode.interrupted
    }
  }
}

extension BackboneLoadingError: ExitCoded {
  package var exitCode: Int32 {
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
  package var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    case .unknownClass: ExitCode.usage
    default: ExitCode.data
    }
  }
}

extension ProgramFileError: ExitCoded {
  package var exitCode: Int32 { if case .file(let error) = self { error.exitCode } else { ExitCode.data } }
}

extension ExportError: ExitCoded {
  package var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    case .backbone(let error): error.exitCode
    case .classifier(let error): error.exitCode
    case .program(let error): error.exitCode
    case .notStatic: ExitCode.usage
    case .differs, .unreadable: ExitCode.software
    default: ExitCode.data
    }
  }
}

extension TrainingError: ExitCoded {
  package var exitCode: Int32 {
    switch self {
    case .file(let error): error.exitCode
    case .classifier(let error): error.exitCode
    case .labelsMissing: ExitCode.missingInput
    case .settings, .nestedValidation, .testSplitTwice, .validationSplitTwice: ExitCode.usage
    default: ExitCode.data
    }
  }
}

extension AuditError: ExitCoded {
  package var exitCode: Int32 {
    switch self {
    case .training(let error): error.exitCode
    case .model, .tooWide: ExitCode.data
    }
  }
}

extension RunError: ExitCoded {
  package var exitCode: Int32 {
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
