// An explained score as text, as JSON, and as the files that `layertap explain` writes.

import TapClassifier
import TapFormats
import TapImages
import TapText

/// The explained score of one image, for people and for programs.
package struct ExplanationReport: Sendable {
  private let path: String
  private let classifier: Classifier
  private let explained: ImageExplanation
  private let notes: [ExplanationNote]

  private var explanation: ScoreExplanation { explained.explanation }

  /// - Parameters:
  ///   - path: the image, as the user named it.
  ///   - notes: the notes of the explainer.
  package init(
    _ explained: ImageExplanation, of path: String, by classifier: Classifier, notes: [ExplanationNote]
  ) {
    self.explained = explained
    self.path = path
    self.classifier = classifier
    self.notes = notes
  }

  /// The line of an image:
  /// `photo.jpg: striped 97.3 %; score of striped 4.21 = intercept -0.30 + blocks.10-avg 4.51`.
  package var text: String {
    func number(_ value: Double) -> String { NumberText.fixed(value, digits: 2) }
    let best = classifier.ranking(scores: explained.scores)[0]
    let what = explanation.className + (explanation.against.map { " minus that of \($0)" } ?? "")
    let parts = explanation.maps.map { map in
      "\(map.column.name) \(number(map.contribution))"
        + (explanation.maps.count > 1 ? " (\(NumberText.percent(map.share)) %)" : "")
    }
    return "\(path): \(best.className) \(classifier.confidenceKind.confidenceText(best.confidence)); "
      + "score of \(what) \(number(explanation.score)) = intercept \(number(explanation.intercept)) + "
      + parts.joined(separator: " + ")
  }

  /// The largest absolute value of a cell of this map that has the strongest color. The colors of all maps of an image
  /// have one scale: a cell's value times the number of the map's cells.
  private func extreme(of map: ScoreMap) -> Double {
    explanation.largestDensity / Double(map.cells.count)
  }

  // MARK: - JSON

  /// The explanation as a JSON object. Documentation/Explain.md describes its fields.
  ///
  /// - Parameter name: the name of the files without their endings; nil if no files are written.
  package func json(files name: String? = nil) -> JSONValue {
    let best = classifier.ranking(scores: explained.scores)[0]
    return .object([
      "path": .string(path), "predicted": .string(best.className),
      classifier.confidenceKind.scoreName: .number(best.confidence),
      "class": .string(explanation.className), "against": explanation.against.map(JSONValue.string) ?? .null,
      "score": .number(explanation.score), "intercept": .number(explanation.intercept),
      "layers": .array(explanation.maps.indices.map { layer(at: $0, files: name) }),
      "notes": .array(notes.map { .string($0.text) }),
    ])
  }

  private func layer(at index: Int, files name: String?) -> JSONValue {
    let map = explanation.maps[index]
    let rows = (0..<map.height).map { row in
      JSONValue.array(map.cells[row * map.width..<(row + 1) * map.width].map(JSONValue.number))
    }
    let extreme = extreme(of: map)
    func legend(_ color: HeatMap.Color, _ value: Double) -> JSONValue {
      .object(["color": .string(color.text), "value": .number(value)])
    }
    var fields: [String: JSONValue] = [
      "layer": .string(map.column.tap), "pooling": .string(map.column.pooling.name),
      "contribution": .number(map.contribution), "share": .number(map.share), "cells": .array(rows),
    ]
    if let name {
      fields["array"] = .string(fileName(name, at: index) + ".npy")
      fields["image"] = .string(fileName(name, at: index) + ".png")
      fields["colors"] = .object([
        "raising": legend(HeatMap.raising, extreme), "lowering": legend(HeatMap.lowering, -extreme),
      ])
    }
    return .object(fields)
  }

  // MARK: - Files

  /// The name of a map's files without their endings. If there are several maps, they are numbered from 1 in the order
  /// of the layers.
  private func fileName(_ name: String, at index: Int) -> String {
    explanation.maps.count == 1 ? name : "\(name).\(index + 1)"
  }

  /// The files of the explanation: for each map a heat map and an array of float32 `[height, width]`, and one JSON
  /// file.
  ///
  /// - Parameters:
  ///   - name: the name of the files without their endings.
  ///   - crop: the network's square input.
  /// - Throws: ``ImageError`` if a heat map cannot be encoded.
  package func files(
    named name: String, crop: RGBImage
  ) throws(ImageError) -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    for (index, map) in explanation.maps.enumerated() {
      let heatMap = HeatMap.drawn(map, over: crop, extreme: extreme(of: map))
      let own = fileName(name, at: index)
      files.append((own + ".png", try PNGEncoder.encode(heatMap)))
      files.append((own + ".npy", NPY.encode(map.cells.map { Float($0) }, shape: [map.height, map.width])))
    }
    files.append((name + ".json", Array((json(files: name).pretty + "\n").utf8)))
    return files
  }
}
