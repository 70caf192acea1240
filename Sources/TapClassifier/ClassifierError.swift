// The errors of reading a classifier's file and of using a classifier.

import TapBackbone
import TapFileSystem
import TapFormats
import TapImages

/// A classifier could not be read, written or applied.
public enum ClassifierError: Error, Equatable, CustomStringConvertible {
  /// A part of the origin of features.
  public enum Part: String, Sendable, CaseIterable {
    /// The backbone's weights.
    case weights
    /// The backbone's graph.
    case graph
    /// The preprocessing, which turns images into the network's input.
    case preprocessing
    /// The arithmetic of the backbone.
    case precision
    /// The tapped layer or its pooling.
    case layer
  }

  /// The file is not a classifier file, or the file is damaged. `reason` describes the problem.
  case notAClassifier(path: String, reason: String)
  /// The file was written by a later version of LayerTap. `since` is the first version that reads the file, or nil if
  /// the file does not state this version.
  case laterFormat(path: String, found: Int, newest: Int, since: String?)
  /// The file needs a revision of an extension that this program does not read. `since` is the first version of
  /// LayerTap that reads this revision.
  case extensionNeeded(path: String, name: String, revision: Int, since: String)
  /// The features have another origin than the training features.
  case mismatch(part: Part, trained: String, here: String)
  /// The classifier was trained on a matrix, so it has no backbone to compute features of an image.
  case noBackbone
  /// The golden image's scores differ by more than the tolerance.
  case goldenScores(difference: Double, tolerance: Double)
  /// The length of a feature vector differs from the length that the classifier was trained on.
  case dimensions(expected: Int, found: Int)
  /// A weight of a fitted model is outside the range of float32. The cause is a tiny and almost constant feature.
  case notRepresentable
  /// Features could not be computed or read.
  case backbone(BackboneError)
  /// The score is no sum over the positions of the layer `column`. `reason` says why.
  case notExplainable(column: String, reason: String)
  /// A class that the classifier does not have.
  case unknownClass(String, known: [String])
  /// An image could not be read; `path` is empty for an image from memory.
  case image(path: String, ImageError)
  /// An input line is not a path. `problem` describes the problem.
  case notAPath(problem: String)
  /// A stream of frames ended, or a frame has no image. `problem` describes the problem.
  case notAFrame(problem: String)
  /// The classifier's file could not be read or written.
  case file(FileSystemError)

  /// The largest number of names in a message.
  private static let listed = 60

  public var description: String {
    switch self {
    case .notAClassifier(let path, let reason):
      "\(path) is not a LayerTap classifier, or is damaged: \(reason); 'layertap train --output FILE' writes one"
    case .laterFormat(let path, let found, let newest, let since):
      "\(path) has format \(found), this program reads up to \(newest): use a newer LayerTap"
        + (since.map { ", \($0) or later" } ?? "")
    case .extensionNeeded(let path, let name, let revision, let since):
      "\(path) needs the extension '\(name)' in revision \(revision), which this program does not read: use a newer LayerTap, "
        + "\(since) or later"
    case .mismatch(let part, let trained, let here):
      "the classifier was trained on features of another origin, \(part.rawValue) differ\(part.verbEnding):\n"
        + "  trained with \(trained)\n  found here   \(here)\n"
        + "Use the backbone and settings that it was trained with, or train again."
    case .noBackbone:
      "the classifier was trained on a bare matrix: it knows no backbone, so it cannot take images; "
        + "give it a matrix of the same features"
    case .goldenScores(let difference, let tolerance):
      "the classifier does not reproduce its golden scores here: they differ by \(difference) of the largest, "
        + "allowed is \(tolerance); its predictions would not be those that were tested"
    case .dimensions(let expected, let found):
      "feature vectors of length \(found), but the classifier was trained on length \(expected)"
    case .notRepresentable:
      "a weight is too large for the model file's float32: some feature varies by next to nothing; "
        + "train with --standardize none"
    case .backbone(let error): error.description
    case .notExplainable(let column, let reason):
      "the score cannot be divided among the positions of \(column): \(reason)"
    case .unknownClass(let name, let known):
      "the classifier has no class '\(name)'"
        + (NearestName.nearest(to: name, in: known).map { ". Did you mean '\($0)'? Its" } ?? "; its")
        + " classes are \(known.prefix(Self.listed).joined(separator: ", "))"
        + (known.count > Self.listed ? " and \(known.count - Self.listed) more" : "")
    case .image(let path, let error): path.isEmpty ? error.description : "\(path): \(error)"
    case .notAPath(let problem):
      "the line is no path: \(problem); write paths in UTF-8, or in UTF-16 with a byte order mark"
    case .notAFrame(let problem): problem
    case .file(let error): error.description
    }
  }
}

extension ClassifierError.Part {
  fileprivate var verbEnding: String { self == .weights ? "" : "s" }
}
