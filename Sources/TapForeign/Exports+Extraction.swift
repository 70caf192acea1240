// Features of images, and stores: see layertap.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTapForeign
import LayerTap
import Synchronization

@c @implementation public func layertap_extract(
  _ extractor: layertap_extractor, _ images: UnsafePointer<layertap_image>?, _ count: Int,
  _ work: UnsafePointer<layertap_work>?, _ outputs: UnsafePointer<layertap_output>?, _ outputCount: Int,
  _ statuses: UnsafeMutablePointer<Int32>?, _ errors: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let object = try object(extractor, as: ExtractorObject.self)
    let images = try unsafe CallerImages(images, count)
    let work = unsafe Work(work)
    let rows = try unsafe CallerRows(outputs, outputCount, rows: count, dimensions: object.dimensions)
    let errors = try unsafe ImageErrors(statuses, errors)
    let extractor = object.extractor(work, errors.areKept ? .skip : .fail)
    let unreadable = try work.run { progress in
      let unreadable = Mutex<[UnreadableImage]>([])
      try extractor.forEachRow(of: images, progress: progress) { index, outcome in
        switch outcome {
        case .row(_, let values): rows.write(values, row: index)
        case .unreadable(let image):
          rows.write(nil, row: index)
          unreadable.withLock { $0.append(image) }
        }
      }
      return unreadable.withLock { $0 }
    }
    errors.set(unreadable.errors, count: count)
  }
}

@c @implementation public func layertap_extract_to_store(
  _ extractor: layertap_extractor, _ images: UnsafePointer<layertap_image>?, _ count: Int,
  _ storePath: UnsafePointer<CChar>?, _ storePathSize: Int, _ work: UnsafePointer<layertap_work>?,
  _ rows: UnsafeMutablePointer<Int64>?, _ statuses: UnsafeMutablePointer<Int32>?,
  _ errors: UnsafeMutablePointer<layertap_texts>?, _ store: UnsafeMutablePointer<layertap_store>?
) -> Int32 {
  call {
    let object = try object(extractor, as: ExtractorObject.self)
    let result = try unsafe HandleResult(store, "store")
    let paths = try unsafe CallerImages(images, count).paths
    let folder = try unsafe String(filled: storePath, storePathSize, "store_path")
    let work = unsafe Work(work)
    let errors = try unsafe ImageErrors(statuses, errors)
    let extractor = object.extractor(work, errors.areKept ? .skip : .fail)
    let extraction = try work.run { progress in
      let list = ImageList(items: paths.map { ImageItem(path: $0) }, rows: paths.map { ImageList.Row(path: $0) })
      return try extractor.extraction(of: list, into: folder, progress: progress)
    }
    let places = extraction.items.map(\.item.path).placesByBytes
    let found = paths.map { places[ByteKey($0)] }
    unsafe CallerMemory(rows).write(found.map { Int64($0.flatMap { extraction.items[$0].row } ?? -1) })
    var unreadable: [UnreadableImage] = []
    for (index, place) in found.enumerated() {
      guard let place, case .unreadable(let reason, _) = extraction.items[place].status else { continue }
      unreadable.append(
        UnreadableImage(
          index: index, name: paths[index], reason: reason, fileError: extraction.fileErrors[place]))
    }
    errors.set(unreadable.errors, count: count)
    result.set(StoreObject(extraction.store))
  }
}

extension [UnreadableImage] {
  /// The status and the text of each image's error, by the image's index.
  fileprivate var errors: [Int: (status: Int32, text: String)] {
    var errors: [Int: (status: Int32, text: String)] = [:]
    for unreadable in self {
      errors[unreadable.index] = (
        unreadable.fileError.map { status(of: $0) } ?? ExitCode.data, "\(unreadable.name): \(unreadable.reason)"
      )
    }
    return errors
  }
}

// MARK: - Stores

@c @implementation public func layertap_store_open(
  _ path: UnsafePointer<CChar>?, _ pathSize: Int, _ store: UnsafeMutablePointer<layertap_store>?
) -> Int32 {
  call {
    let result = try unsafe HandleResult(store, "store")
    result.set(StoreObject(try FeatureStore(path: unsafe String(filled: path, pathSize, "path"))))
  }
}

@c @implementation public func layertap_store_describe(
  _ store: layertap_store, _ json: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let store = try object(store, as: StoreObject.self).store
    let result = try unsafe HandleResult(json, "json")
    result.set(
      Texts(
        .object([
          "path": .string(store.path), "rows": .integer(store.rowCount),
          "columns": .array(
            store.columns.map { stored in
              .object([
                "name": .string(stored.column.name), "layer": .string(stored.column.tap),
                "pool": .string(stored.column.pooling.name), "dimensions": .integer(stored.dimensions),
              ])
            }),
          "backbone": .string(store.identity.backbone), "identity": store.identity.json,
          "preprocessing": store.identity.preprocessing.json,
        ])))
  }
}

@c @implementation public func layertap_store_column(
  _ store: layertap_store, _ index: Int, _ matrix: UnsafeMutablePointer<layertap_matrix>?
) -> Int32 {
  call {
    let store = try object(store, as: StoreObject.self)
    guard let matrix = unsafe matrix else { throw ForeignError.null("matrix") }
    guard store.store.columns.indices.contains(index) else {
      throw ForeignError.argument(
        "index", problem: "\(UInt(bitPattern: index)) of \(store.store.columns.count) columns, counted from 0")
    }
    let features = try store.matrix(index)
    let stride = Int64(features.rowStride * MemoryLayout<Float>.size)
    unsafe features.withUnsafeBufferPointer { values in
      unsafe matrix.pointee = unsafe layertap_matrix(
        data: features.rows == 0 ? nil : UnsafeRawPointer(values.baseAddress), rows: features.rows,
        columns: features.columns, row_stride: stride, column_stride: Int64(MemoryLayout<Float>.size),
        type: LAYERTAP_FLOAT32)
    }
  }
}

@c @implementation public func layertap_store_items(
  _ store: layertap_store, _ csv: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let store = try object(store, as: StoreObject.self).store
    try unsafe HandleResult(csv, "csv").set(Texts([store.itemTable()]))
  }
}
