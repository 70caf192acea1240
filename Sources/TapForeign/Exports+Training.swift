// Labeled data, training and comparison: see layertap.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTapForeign
import LayerTap
import TapReports

@c @implementation public func layertap_data_from_folder(
  _ extractor: layertap_extractor, _ path: UnsafePointer<CChar>?, _ pathSize: Int,
  _ labels: UnsafePointer<CChar>?, _ labelsSize: Int, _ settings: UnsafePointer<CChar>?, _ settingsSize: Int,
  _ storePath: UnsafePointer<CChar>?, _ storePathSize: Int, _ work: UnsafePointer<layertap_work>?,
  _ data: UnsafeMutablePointer<layertap_data>?
) -> Int32 {
  call {
    let object = try object(extractor, as: ExtractorObject.self)
    let result = try unsafe HandleResult(data, "data")
    let path = try unsafe String(filled: path, pathSize, "path")
    let labels = try unsafe String(labels, labelsSize, "labels")
    let store = try unsafe String(storePath, storePathSize, "store_path")
    let settings = try ListSettings().taking(unsafe settingFields(settings, settingsSize))
    let work = unsafe Work(work)
    let extractor = object.extractor(work, .skip)
    result.set(
      try work.run { progress in
        let list = try ImageList(labeled: path, labels: labels.isEmpty ? nil : labels, settings)
        let (data, unreadable) = try extractor.labeled(
          list, store: store.isEmpty ? nil : store, progress: progress)
        return DataObject(
          data, unreadable: unreadable,
          warnings: list.warnings + [list.familyWarning(settings)].compactMap(\.self))
      })
  }
}

@c @implementation public func layertap_data_from_images(
  _ extractor: layertap_extractor, _ images: UnsafePointer<layertap_image>?, _ count: Int,
  _ targets: UnsafePointer<layertap_targets>?, _ work: UnsafePointer<layertap_work>?,
  _ data: UnsafeMutablePointer<layertap_data>?
) -> Int32 {
  call {
    let object = try object(extractor, as: ExtractorObject.self)
    let result = try unsafe HandleResult(data, "data")
    let images = try unsafe CallerImages(images, count)
    let items = try unsafe CallerTargets(targets, rows: count).items { images[$0].name(at: $0) }
    let work = unsafe Work(work)
    let extractor = object.extractor(work, .fail)
    result.set(
      DataObject(
        try work.run { progress in try extractor.labeled(images, items: items, progress: progress) }))
  }
}

@c @implementation public func layertap_data_from_matrix(
  _ features: UnsafePointer<layertap_matrix>?, _ targets: UnsafePointer<layertap_targets>?,
  _ data: UnsafeMutablePointer<layertap_data>?
) -> Int32 {
  call {
    let result = try unsafe HandleResult(data, "data")
    let matrix = try unsafe CallerMatrix(features)
    let items = try unsafe CallerTargets(targets, rows: matrix.rows).items { "row \($0)" }
    let copy = try matrix.copy()
    result.set(
      DataObject(
        LabeledFeatures(
          candidates: [LabeledFeatures.Candidate(column: nil, features: copy)], images: items,
          hashes: (0..<copy.rows).map(copy.hash(ofRow:)), identity: nil, extraction: nil, backbone: nil)))
  }
}

@c @implementation public func layertap_data_from_store(
  _ store: layertap_store, _ columns: UnsafePointer<Int>?, _ columnCount: Int,
  _ data: UnsafeMutablePointer<layertap_data>?
) -> Int32 {
  call {
    let store = try object(store, as: StoreObject.self).store
    let result = try unsafe HandleResult(data, "data")
    var chosen = store.columns.map(\.column)
    if let columns = unsafe columns {
      guard columnCount >= 1, columnCount <= store.columns.count else {
        throw ForeignError.argument(
          "column_count", problem: "\(UInt(bitPattern: columnCount)) columns; the store has \(store.columns.count)")
      }
      chosen = try (0..<columnCount).map { place in
        let index = unsafe columns[place]
        guard store.columns.indices.contains(index) else {
          throw ForeignError.argument(
            "columns", problem: "\(UInt(bitPattern: index)) of \(store.columns.count) columns, counted from 0")
        }
        return store.columns[index].column
      }
    } else if columnCount != 0 {
      throw ForeignError.null("columns")
    }
    guard let items = try store.items() else { throw ForeignError.noItems(store: store.path) }
    result.set(DataObject(try LabeledFeatures(items, in: store, columns: chosen)))
  }
}

@c @implementation public func layertap_data_combine(
  _ parts: UnsafePointer<layertap_data>?, _ count: Int, _ data: UnsafeMutablePointer<layertap_data>?
) -> Int32 {
  call {
    let result = try unsafe HandleResult(data, "data")
    guard let parts = unsafe parts else { throw ForeignError.null("parts") }
    guard (2...100).contains(count) else {
      throw ForeignError.argument("count", problem: "\(UInt(bitPattern: count)) parts; 2 to 100 are combined")
    }
    let objects = try (0..<count).map { place in try object(unsafe parts[place], as: DataObject.self) }
    result.set(try DataObject(combining: objects))
  }
}

@c @implementation public func layertap_data_describe(
  _ data: layertap_data, _ json: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let object = try object(data, as: DataObject.self)
    let result = try unsafe HandleResult(json, "json")
    let items = object.data.images.map { image in
      JSONValue.object([
        "path": .string(image.path), "label": image.label.map(JSONValue.string) ?? .null,
        "split": image.split.map { .string($0.rawValue) } ?? .null,
        "group": image.group.map(JSONValue.string) ?? .null,
        "weight": image.weight.map(JSONValue.number) ?? .null,
      ])
    }
    result.set(
      Texts(
        .object([
          "rows": .integer(items.count), "items": .array(items),
          "columns": .array(object.data.candidates.map { .string($0.name) }),
          "unreadable": .array(
            object.unreadable.map { .object(["path": .string($0.name), "reason": .string($0.reason)]) }),
          "warnings": .array((object.data.notes + object.warnings).map(JSONValue.string)),
        ])))
  }
}

@c @implementation public func layertap_train(
  _ data: layertap_data, _ settings: UnsafePointer<CChar>?, _ settingsSize: Int,
  _ work: UnsafePointer<layertap_work>?, _ classifier: UnsafeMutablePointer<layertap_classifier>?,
  _ record: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let object = try object(data, as: DataObject.self)
    guard object.variants.isEmpty else {
      throw ForeignError.argument(
        "data", problem: "columns of several backbones are compared; a training has one backbone")
    }
    let result = try unsafe HandleResult(classifier, "classifier")
    let settings = try TrainingSettings().taking(unsafe settingFields(settings, settingsSize))
    let work = unsafe Work(work)
    let data = object.data
    let outcome = try work.run { progress in
      try Trainer(settings, threads: work.threads).run(data, progress: progress)
    }
    if unsafe record != nil {
      let trained = outcome.trained
      var fields = outcome.classifier.training.record
      fields["classNames"] = .array(trained.classNames.map(JSONValue.string))
      fields["column"] = .string(trained.chosen.candidate.name)
      fields["evaluation"] =
        outcome.test.map {
          EvaluationReport($0, outcome.classifier, counted: "test images").value(warnings: [])
        } ?? .null
      fields["warnings"] = .array(TrainReport(trained, data: data).warnings.map(JSONValue.string))
      try unsafe HandleResult(record, "record").set(Texts(.object(fields)))
    }
    result.set(ClassifierObject(.trained(outcome.classifier), backbone: data.backbone))
  }
}

@c @implementation public func layertap_compare(
  _ data: layertap_data, _ settings: UnsafePointer<CChar>?, _ settingsSize: Int,
  _ work: UnsafePointer<layertap_work>?, _ json: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let object = try object(data, as: DataObject.self)
    let result = try unsafe HandleResult(json, "json")
    var fields = try unsafe settingFields(settings, settingsSize)
    let draws = try learningCurve(fields.removeValue(forKey: "learningCurve"))
    let combined = try combinedColumns(fields.removeValue(forKey: "combine"))
    let given = try TrainingSettings.takingNeighbors(fields)
    let settings = try TrainingSettings.compared(given.given)
    let work = unsafe Work(work)
    let data = object.data
    let comparison = try work.run { progress in
      let runner = ComparisonRunner(
        settings: settings, comparesNeighbors: given.comparesNeighbors, combinedColumns: combined,
        curve: draws.map { ComparisonRunner.CurveSettings(draws: $0) }, threads: work.threads)
      return try runner.run(
        data, Partition(data.images, settings[0]), backbone: data.backbone, variants: object.variants
      ) { part in
        switch part {
        case .selecting(let done, let total): progress(JobProgress(.fitting, done: done, total: total))
        case .estimating(let done, let total): progress(JobProgress(.estimating, done: done, total: total))
        case .measuringTime, .drawingLearningCurve: break
        }
      }
    }
    result.set(Texts(comparison.json(warnings: data.notes + object.warnings + comparison.warnings)))
  }
}

/// The number of draws of a learning curve; nil for no curve.
///
/// - Throws: ``SettingsError``.
private func learningCurve(_ value: JSONValue?) throws(SettingsError) -> Int? {
  guard let value else { return nil }
  guard let draws = value.intValue, (0...1000).contains(draws) else {
    throw .value(field: "learningCurve", found: value, expected: "an integer from 0 to 1000")
  }
  return draws == 0 ? nil : draws
}

/// The largest number of columns side by side; 1 for no combinations.
///
/// - Throws: ``SettingsError``.
private func combinedColumns(_ value: JSONValue?) throws(SettingsError) -> Int {
  guard let value else { return 1 }
  guard let columns = value.intValue, (2...3).contains(columns) else {
    throw .value(field: "combine", found: value, expected: "2 or 3")
  }
  return columns
}
