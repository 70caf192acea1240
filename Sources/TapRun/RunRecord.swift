// The results of a pipeline: everything that its table, its HTML report and its JSON record show.

import TapClassifier
import TapComparison
import TapFeatures
import TapMetrics
import TapProvenance
import TapTensors
import TapTraining

/// The results of a pipeline, and the inputs that the results depend on.
public struct RunRecord: Sendable {
  /// The origin of the features.
  public enum Source: Hashable, Sendable {
    /// The pixels themselves. Each image is squashed to a square of this side.
    case pixels(size: Int)
    /// The backbone with random weights.
    case random(seed: UInt64)
    /// The backbone with its published weights.
    case pretrained

    /// The name in tables and charts.
    public var title: String {
      switch self {
      case .pixels(let size): "raw pixels \(size)×\(size)"
      case .random(let seed): "random weights (seed \(seed))"
      case .pretrained: "pretrained"
      }
    }
  }

  /// All columns of one source under all classifiers, and the test result of the best column and classifier.
  public struct SourceResult: Sendable {
    /// The origin of the features.
    public let source: Source
    /// The identity of the backbone, which the features depend on.
    public let identity: BackboneIdentity
    /// The comparison, made on the training part alone.
    public let comparison: Comparison
    /// The classifier of the best entry, fitted to the whole training part. An entry is a column with a classifier.
    public let classifier: Classifier
    /// The result on the test images, computed after all choices of the run.
    public let test: Evaluation
    /// The network's layers by depth, as the store recorded them.
    package let layers: [String]

    /// The entries of the comparison, one for each layer, pooling and classifier.
    public var entries: [Comparison.Entry] { comparison.entries }
    /// The entry that was chosen on training images.
    public var chosen: Comparison.Entry { comparison.bestEntry }
  }

  /// The number of images in each part.
  public struct Images: Hashable, Sendable {
    /// The number of training images.
    public let training: Int
    /// The number of validation images; 0 without a validation split.
    public let validation: Int
    /// The number of test images.
    public let test: Int
    /// The names of the classes, in the order of class indices.
    public let classNames: [String]
    /// The files that cannot be decoded.
    public let unreadable: [String]
    /// The number of image contents that occur in more than one split.
    public let inSeveralSplits: Int
  }

  /// The duration of the run's stages, in seconds.
  public struct Seconds: Hashable, Sendable {
    /// The time until all features were in the store.
    public var extraction = 0.0
    /// The time in which C and the layer were chosen.
    public var selection = 0.0
    /// The time of the evaluation on test images, of the learning curves, and of the timing of each layer.
    public var test = 0.0
  }

  /// The configuration of the run.
  public let configuration: RunConfiguration
  /// The numbers and names of the run's images and classes.
  public let images: Images
  /// The method by which C was chosen.
  public let method: SelectionRecord
  /// The results of all sources: baselines first, the pretrained backbone last.
  public let sources: [SourceResult]
  /// The duration of each stage.
  public let seconds: Seconds
  /// The number of images whose features this run computed, over all sources.
  public let computedRows: Int

  /// The number of columns for which this run searched for C, over all sources and classifiers.
  public var searchedColumns: Int { sources.reduce(0) { $0 + $1.comparison.searchedColumns } }

  /// The pretrained backbone's result.
  public var pretrained: SourceResult { sources[sources.count - 1] }

  /// The numbers of test images that only the pretrained classifier predicts correctly, and that only the baseline
  /// predicts correctly.
  public func parting(from baseline: SourceResult) -> (onlyPretrained: Int, onlyBaseline: Int) {
    var result = (onlyPretrained: 0, onlyBaseline: 0)
    let mine = pretrained.test
    for index in mine.labels.indices {
      let isRight = mine.predictions[index] == mine.labels[index]
      let isBaselineRight = baseline.test.predictions[index] == mine.labels[index]
      if isRight && !isBaselineRight { result.onlyPretrained += 1 }
      if isBaselineRight && !isRight { result.onlyBaseline += 1 }
    }
    return result
  }
}
