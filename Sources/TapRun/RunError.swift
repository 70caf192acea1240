// The errors of a pipeline. The text of an error is made here, or by the module that declares the error.

import TapArchitectures
import TapBackbone
import TapClassifier
import TapExtraction
import TapFeatures
import TapFileSystem
import TapFormats
import TapTraining

/// A pipeline failed.
public enum RunError: Error, Equatable, CustomStringConvertible {
  /// A file could not be read or written.
  case file(FileSystemError)
  /// The pipeline file is not JSON5.
  case syntax(file: String, JSONError)
  /// A field of the pipeline file is unknown, missing or invalid.
  case configuration(file: String, line: Int, field: String, problem: String)
  /// A result would replace a file that the run reads.
  case resultIsInput(field: String, path: String)
  /// The backbone's weights could not be loaded.
  case loading(BackboneLoadingError)
  /// The backbone could not be built.
  case architecture(ArchitectureError)
  /// The backbone does not have a layer or pooling with this name.
  case backbone(BackboneError)
  /// Images could not be listed, or features could not be stored.
  case features(FeatureError)
  /// A classifier could not be trained or evaluated.
  case training(TrainingError)
  /// The chosen classifier could not be made or written.
  case classifier(ClassifierError)
  /// The images have no test split, so there is no test result to report.
  case noTestImages(folder: String)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .syntax(let file, let error): "\(file), \(error)"
    case .configuration(let file, let line, let field, let problem):
      "\(file), line \(line)\(field.isEmpty ? "" : ", field \"\(field)\""): \(problem)"
    case .resultIsInput(let field, let path):
      "\(field) would replace \(path), which the run reads: choose another name"
    case .loading(let error): error.description
    case .architecture(let error): error.description
    case .backbone(let error): error.description
    case .features(let error): error.description
    case .training(let error): error.description
    case .classifier(let error): error.description
    case .noTestImages(let folder):
      "\(folder) has no labeled test images: a pipeline reports on images that took no part in its choices. "
        + "Put images into train/ and test/, or name the split of each in a manifest"
    }
  }
}
