// Images whose files look unusual: tiny, blank, blurred, or of an odd shape.

import Glibc
import Synchronization
import TapFileSystem
import TapImages
import TapKernels
import TapProvenance

/// The findings about files of images.
package struct ImageFindings: Sendable {
  /// The largest standard deviation of samples of a blank image.
  package static let blankSpread = 2.0
  /// The shorter side below which an image is tiny, if most images are at least twice as large.
  package static let tinySide = 32
  /// An image is blurred if the logarithm of its sharpness is below the median by this many standard deviations. The
  /// deviation comes from the median of absolute deviations, so that blurred images do not change it much.
  ///
  /// Source: the modified z-score in Iglewicz and Hoaglin, "How to detect and handle outliers" (1993).
  package static let blurredDeviations = 3.5
  /// The sharpness in comparison with the median above which no image is blurred.
  package static let blurredRatio = 0.1
  /// The ratio of two ratios of sides above which one of them is odd.
  package static let oddRatio = 2.5

  package let findings: [Audit.Finding]

  /// - Parameters:
  ///   - paths: the path of each image.
  ///   - summaries: the facts about each image; nil for an image that cannot be read.
  package init(_ paths: [String], _ summaries: [ImageSummary?]) {
    let known = summaries.compactMap(\.self)
    let sides = known.map { min($0.width, $0.height) }.sorted()
    let shapes = known.map { Double($0.width) / Double($0.height) }.sorted()
    guard !known.isEmpty else {
      findings = []
      return
    }
    let (side, shape) = (sides[sides.count / 2], shapes[shapes.count / 2])
    let smallest = side >= 2 * Self.tinySide ? max(Self.tinySide, side / 4) : side / 4
    let sharpness = Sharpness(known)
    var findings: [Audit.Finding] = []
    for (path, summary) in zip(paths, summaries) {
      guard let summary else { continue }
      let own = min(summary.width, summary.height)
      if own < smallest { findings.append(Audit.Finding(kind: .tiny, path: path, score: Double(own))) }
      if summary.spread < Self.blankSpread {
        findings.append(Audit.Finding(kind: .blank, path: path, score: summary.spread))
      } else if summary.sharpness < sharpness.limit {
        findings.append(Audit.Finding(kind: .blurred, path: path, score: summary.sharpness / sharpness.median))
      }
      let ratio = Double(summary.width) / Double(summary.height)
      if max(ratio / shape, shape / ratio) > Self.oddRatio {
        findings.append(Audit.Finding(kind: .oddSize, path: path, score: ratio))
      }
    }
    self.findings = findings
  }

  /// The sharpness of the images that are not blank.
  private struct Sharpness {
    /// The median.
    var median = 0.0
    /// The sharpness below which an image is blurred.
    var limit = 0.0

    init(_ images: [ImageSummary]) {
      let logarithms = images.filter { $0.spread >= ImageFindings.blankSpread && $0.sharpness > 0 }
        .map { log($0.sharpness) }.sorted()
      guard !logarithms.isEmpty else { return }
      let middle = logarithms[logarithms.count / 2]
      let deviations = logarithms.map { abs($0 - middle) }.sorted()
      // For normally distributed numbers, the median of absolute deviations is 0.6745 standard deviations.
      let deviation = deviations[deviations.count / 2] / 0.6745
      median = exp(middle)
      limit = min(
        exp(middle - ImageFindings.blurredDeviations * deviation), ImageFindings.blurredRatio * median)
    }
  }

  /// The hash of an image; nil if it is blank, and so looks like other blank images, or cannot be read.
  package static func hash(_ summary: ImageSummary?) -> PerceptualHash? {
    summary.flatMap { $0.spread < blankSpread ? nil : $0.hash }
  }

  /// Reads the facts about files.
  ///
  /// - Parameter progress: receives the number of files done, from any thread.
  package static func summaries(
    of paths: [String], _ decoding: Decoding, threads: Int, progress: @Sendable (Int) -> Void = { _ in }
  ) -> [ImageSummary?] {
    let found = Mutex<[Int: ImageSummary]>([:])
    let done = Atomic<Int>(0)
    Threads.concurrentForEach(count: paths.count, threads: threads) { index in
      guard !Cancellation.isRequested else { return }
      if let bytes = try? FileSystem.readFile(paths[index], atMost: ImageDecoder.maximumBytes),
        let summary = try? ImageSummary(bytes, decoding)
      {
        found.withLock { $0[index] = summary }
      }
      progress(done.add(1, ordering: .relaxed).newValue)
    }
    return found.withLock { found in paths.indices.map { found[$0] } }
  }
}
