// Groups of equal and nearly equal images in a pipeline. The groups are the same for all sources, so that every source
// is judged by the same images.

import TapFeatures
import TapFileSystem
import TapTraining

extension PipelineRunner {
  /// The group of each image, by the image's path.
  struct PathGroups {
    private(set) var groups: [ByteKey: String] = [:]
    /// The number of images whose features were computed to find the groups.
    var computedRows = 0

    /// No groups but those of the list.
    init() {}

    init(_ images: [ImageItem], computedRows: Int) {
      for image in images { groups[ByteKey(image.path)] = image.group }
      self.computedRows = computedRows
    }

    func applied(to data: LabeledFeatures) -> LabeledFeatures {
      groups.isEmpty ? data : data.inGroups(data.images.map { groups[ByteKey($0.path)] ?? $0.group })
    }
  }

  /// Finds equal and nearly equal images by the features of a source, with several backbones by those of the first, if
  /// the configuration asks for groups of them.
  func duplicateGroups(
    _ source: FeatureSource, _ list: ImageList, _ progress: @escaping @Sendable (RunProgress) -> Void,
    _ shouldStop: @escaping @Sendable () -> Bool
  ) throws(RunError) -> PathGroups {
    guard configuration.duplicates.areGrouped else { return PathGroups() }
    let part = source.parts[0]
    let extraction = try extract(part, source.source, list, progress, shouldStop)
    let data: LabeledFeatures
    do {
      data = try LabeledFeatures(extraction.items, in: extraction.store, columns: part.columns)
    } catch { throw .features(error) }
    do {
      let groups = try DuplicateGroups(data, configuration.duplicates, threads: threads)
      progress(.grouped(groups.text))
      let partition = try configuration.partition(groups.data.images)
      if let warning = groups.dividedText(partition) { progress(.listed(notes: [warning])) }
      return PathGroups(groups.data.images, computedRows: extraction.computedRows)
    } catch { throw .training(error) }
  }
}
