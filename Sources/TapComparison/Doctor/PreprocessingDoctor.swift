// Draws images, runs them under every plausible variant of a backbone's preprocessing, and measures the changes. A
// variant is the preprocessing with one change.

import Synchronization
import TapBackbone
import TapExtraction
import TapFeatures
import TapFileSystem
import TapImages
import TapKernels
import TapProvenance
import TapSelection
import TapTensors

/// Measures how much changes of a backbone's preprocessing affect features and accuracy.
package struct PreprocessingDoctor: Sendable {
  package var backbone: Backbone
  /// The columns to examine, at least one.
  package var columns: [Column]
  /// The maximum number of images to examine.
  package var limit = 200
  /// The seed for the drawing of images and for the folds.
  package var seed: UInt64 = 0
  /// The number of threads; nil is the number of cores that this process may use. The number changes no result.
  package var threads: Int?
  package var instructionSet = InstructionSet.best
  /// The number of folds of the cross-validation. If there are fewer images than folds, each image is one fold.
  package var folds = 5
  /// The fixed C of every fit. A C chosen for the present preprocessing would favor that preprocessing.
  package var c = 0.01

  package init(_ backbone: Backbone, columns: [Column]) {
    self.backbone = backbone
    self.columns = columns
  }

  /// Examines images of a list. Images of the test split are left out if the list has other images.
  ///
  /// - Parameter progress: receives the number of images done and the number of images to do, from any thread, one call
  ///   at a time.
  /// - Throws: ``FeatureError/backbone(_:)``.
  package func examine(
    _ list: ImageList, progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(FeatureError) -> PreprocessingDiagnosis {
    let available = list.items.filter { $0.split != .test }
    // If all images of a list are test images, these images are examined.
    let items = available.isEmpty ? list.items : available
    let drawn = draw(items)
    let variants = PreprocessingVariant.plausible(of: backbone.preprocessing)
    let network = try network(variants)
    let readings = read(drawn.map(list.location), network, progress)

    var (images, rows): ([ImageItem], [VariantRows]) = ([], [])
    var unreadable: [(path: String, reason: String)] = []
    for (item, reading) in zip(drawn, readings) {
      switch reading {
      case .success(let found):
        images.append(item)
        rows.append(found)
      case .failure(let error): unreadable.append((item.path, error.reason))
      }
    }
    let trial = VariantTrial.of(images, folds: folds, c: c, seed: seed, threads: threads)
    var offset = 0
    var findings: [PreprocessingDiagnosis.ColumnFindings] = []
    for (column, dimensions) in zip(columns, network.plan.dimensions) where !images.isEmpty {
      findings.append(
        ColumnExaminer(
          column: column, part: offset..<offset + dimensions, variants: variants, rows: rows,
          trial: try? trial.get()
        ).findings())
      offset += dimensions
    }
    return PreprocessingDiagnosis(
      backbone: backbone.name, preprocessing: backbone.preprocessing, available: items.count,
      testImages: list.items.count - items.count,
      classes: (items.classNames.count, drawn.classNames.count),
      images: images,
      unreadable: unreadable, seed: seed, columns: findings, measurement: trial.map(\.measurement))
  }

  /// Draws the same number of images from each class as far as possible. Images without a label count as one class.
  private func draw(_ items: [ImageItem]) -> [ImageItem] {
    let names = items.classNames
    let index = names.placesByBytes
    let labels = items.map { $0.label.flatMap { index[ByteKey($0)] } ?? names.count }
    return Splits.evenDraw(labels: labels, classCount: names.count + 1, count: limit, seed: seed)
      .map { items[$0] }
  }

  private func network(_ variants: [PreprocessingVariant]) throws(FeatureError) -> VariantNetwork {
    guard !columns.isEmpty else { throw .noColumns }
    do {
      return VariantNetwork(
        plan: try backbone.plan(columns: columns, instructionSet: instructionSet),
        preprocessors: ([backbone.preprocessing] + variants.map(\.preprocessing)).map {
          ImagePreprocessor($0, instructionSet: instructionSet)
        })
    } catch { throw .backbone(error) }
  }

  private func read(
    _ paths: [String], _ network: VariantNetwork, _ progress: @Sendable (Int, Int) -> Void
  ) -> [Result<VariantRows, UnreadableImage>] {
    let threads = max(1, threads ?? Threads.available)
    let readings = Mutex<[Result<VariantRows, UnreadableImage>]>([])
    _ = OrderedPipeline(threads: threads, window: 4 * threads).run(
      next: { $0 < paths.count ? paths[$0] : nil },
      makeWorker: { VariantReader(network) },
      work: { path, reader in reader.read(path) },
      deliver: { index, reading in
        readings.withLock { $0.append(reading) }
        progress(index + 1, paths.count)
      })
    return readings.withLock { $0 }
  }
}
