// The plan of a pipeline, made before it runs.

import TapFeatures
import TapProvenance
import TapTraining

/// The plan of a ``RunConfiguration``.
public struct RunPlan: Sendable {
  /// The cost of one source, or of one backbone of a source.
  public struct SourceEstimate: Sendable {
    /// The origin of the features.
    public let source: RunRecord.Source
    /// The name of the backbone if several backbones are compared; otherwise nil.
    public let backbone: String?
    /// The columns that are extracted.
    public let columns: [Column]
    /// The plan of the extraction.
    package let estimate: ExtractionEstimate
    /// The estimated cost of the search for C. One search compares all backbones of a source, so only the last of them
    /// has the cost, and it is nil for the others.
    public let search: SearchEstimate?
  }

  /// The configuration that would be run.
  public let configuration: RunConfiguration
  /// The numbers of images for training, validation and test.
  public let partition: Partition
  /// The names of the classes, in the order of class indices.
  public let classNames: [String]
  /// The sources of features: baselines first, the pretrained backbone last.
  public let sources: [SourceEstimate]
  /// Notes on files that the list of images left out, and on ambiguous names.
  public let notes: [String]
}
