// An audit in short, beside a training or an evaluation.

import TapTraining

extension Auditor {
  /// The numbers of images for which a command audits in short. With fewer images, the estimate of wrong labels says
  /// little. With more images, the search for nearly equal images takes long.
  package static let briefCounts = 100...20_000
  /// The largest number of columns in which an audit in short judges labels. The time of the eigenvalue problems grows
  /// with the third power of this number.
  static let briefColumns = 512
  /// The smallest number of features with which an audit in short looks for nearly equal images. Rows of a few features
  /// often have nearly the same direction without being copies.
  private static let leastColumns = 256
  /// The number of pairs for each image above which nearly equal images are not copies, but images of a layer that
  /// tells images apart badly.
  private static let pairsPerImage = 10

  /// Audits labels and copies by the features of the deepest layer, without looking at files.
  ///
  /// Labels are judged by at most ``briefColumns`` sums of the features' columns. Nearly equal images are searched for
  /// only in features of a network. If images are in groups, copies within a split are left out.
  ///
  /// The value is nil if the number of images is outside ``briefCounts``, or if a feature is not finite.
  package static func brief(_ data: LabeledFeatures, threads: Int) -> Audit? {
    guard briefCounts.contains(data.items.count) else { return nil }
    let data = data.deepest
    let columns = data.candidates[0].features.columns
    var auditor = Auditor(threads: threads)
    auditor.topics = data.items.contains { $0.image.group != nil } ? [.label, .leak] : [.label, .leak, .duplicate]
    auditor.largestWidth = briefColumns
    auditor.largestPairCount =
      data.identity != nil && columns >= leastColumns ? pairsPerImage * data.items.count : 0
    return try? auditor.audit(data)
  }
}
