// A diagnosis of the preprocessing as text for a terminal. The text has the present preprocessing, a table of changes,
// and a line that explains each change.

import TapComparison
import TapMetrics
import TapProvenance
import TapText

extension PreprocessingDiagnosis {
  /// The whole text of the diagnosis.
  package var text: String {
    ([headline] + columns.map(text(of:)) + [legend]).joined(separator: "\n\n")
  }

  private var headline: String {
    var counts = "\(NumberText.grouped(images.count)) of \(NumberText.grouped(available)) images"
    if classes.drawn > 0 {
      let part = classes.drawn < classes.available ? "\(NumberText.grouped(classes.drawn)) of " : ""
      counts += " in \(part)\(NumberText.grouped(classes.available)) classes"
    }
    if images.count + unreadable.count < available { counts += ", drawn with seed \(seed)" }
    if testImages > 0 { counts += "; \(NumberText.grouped(testImages)) test images are not looked at" }
    return """
      \(backbone) now: \(preprocessing.text); decoding \(preprocessing.decoding.text)
      \(counts)
      """
  }

  // MARK: - A column

  private func text(of column: ColumnFindings) -> String {
    let touching = column.findings.filter { $0.touched > 0 }
    var parts = ["\(column.column.name), \(NumberText.grouped(column.dimensions)) values"]
    if let accuracy = column.accuracy, case .success(let measurement) = measurement {
      parts[0] +=
        "\n"
        + AccuracyText.firstLine(
          accuracy: accuracy, counted: "images, \(measurement.folds)-fold cross-validation",
          majority: measurement.majority)
    }
    if !touching.isEmpty { parts.append(table(touching, hasAccuracies: column.accuracy != nil)) }
    let untouching = column.findings.filter { $0.touched == 0 }
    var readings = touching.map { reading($0, in: column) }
    if !untouching.isEmpty {
      readings.append(
        "\(untouching.map(\.variant.options).joined(separator: ", ")): no difference to any of these images")
    }
    parts.append(readings.joined(separator: "\n"))
    if column.accuracy != nil { parts.append(verdict(column)) }
    return parts.joined(separator: "\n\n")
  }

  private func table(_ findings: [Finding], hasAccuracies: Bool) -> String {
    var headings: [(heading: String, alignment: TextTable.Alignment)] = [
      ("change", .left), ("images", .right), ("moved", .right), ("95 %", .right), ("cosine", .right),
    ]
    if hasAccuracies {
      headings += [
        ("tested on it", .right), ("95 % interval", .right), ("points", .right),
        ("trained on it too", .right), ("points", .right),
      ]
    }
    var table = TextTable(headings)
    for finding in findings {
      var cells = [
        finding.variant.name, NumberText.grouped(finding.touched), Self.shown(finding.movement?.median),
        Self.shown(finding.movement?.high), finding.cosine.map { NumberText.fixed($0, digits: 3) } ?? "-",
      ]
      if hasAccuracies {
        let (mismatched, retrained) = (finding.mismatched, finding.retrained)
        cells += [
          mismatched.map { AccuracyText.share($0.accuracy) } ?? "-",
          mismatched.map { AccuracyText.interval($0.accuracy) } ?? "-",
          mismatched.map { Self.signed($0) } ?? "",
          retrained.map { AccuracyText.share($0.accuracy) } ?? "-", retrained.map { Self.signed($0) } ?? "",
        ]
      }
      table.add(cells)
    }
    return table.text
  }

  private func reading(_ finding: Finding, in column: ColumnFindings) -> String {
    var text = "\(finding.variant.options): "
    guard let movement = finding.movement, movement.median.isFinite else {
      return text + "features are no longer finite numbers"
    }
    text += "moves features by \(Self.shown(movement.median))"
    if finding.touched < images.count {
      text +=
        " in \(finding.touched == 1 ? "the only image" : "the \(NumberText.grouped(finding.touched)) images") that it touches"
    }
    guard column.accuracy != nil, let mismatched = finding.mismatched else { return text }
    let gain = mismatched.gain
    text += "; a model trained as now would "
    if gain == 0 { return text + "lose nothing" }
    let points = NumberText.fixed(abs(gain), digits: 1)
    text += "\(gain < 0 ? "lose" : "gain") \(points) point\(points == "1.0" ? "" : "s")"
    return text + (mismatched.againstPresent.pValue < 0.05 ? "" : ", which may be chance")
  }

  // MARK: - Conclusions

  /// The conclusion about all changes. If each change were tested at the usual level of 5 %, one of a dozen changes
  /// could easily look better by chance. So the level is 5 % divided by the number of changes.
  private func verdict(_ column: ColumnFindings) -> String {
    let tried = column.findings.filter { $0.touched > 0 && $0.retrained != nil }
    let better = tried.filter { finding in
      guard let retrained = finding.retrained, retrained.gain > 0 else { return false }
      return retrained.againstPresent.pValue < 0.05 / Double(tried.count)
    }
    guard !better.isEmpty else {
      let ahead = tried.filter { ($0.retrained?.gain ?? 0) > 0 }.sorted {
        ($0.retrained?.gain ?? 0) > ($1.retrained?.gain ?? 0)
      }
      return "Trained and tested alike, no change is better than what is done now beyond chance"
        + (ahead.isEmpty ? "" : " (ahead within chance: \(Self.list(ahead.prefix(3))))")
          + """
          .
          That speaks for what is done now and proves nothing: a linear model makes up for much, and these images tell only
          large differences apart. What the weights' publisher says counts more.
          """
    }
    return """
      Trained and tested alike, better than what is done now beyond chance: \(Self.list(better[...])).
      If that is channels, scale or statistics, the weights were probably trained so: look at what their publisher says.
      If it is the part of the image that is seen, the task may be the reason.
      """
  }

  /// Changes in a list: `--channels bgr +2.5, --resize pad +0.5*`.
  private static func list(_ findings: ArraySlice<Finding>) -> String {
    findings.compactMap { finding in
      finding.retrained.map { "\(finding.variant.options) \(signed($0))" }
    }.joined(separator: ", ")
  }

  private var legend: String {
    var lines = [
      "moved: |f' - f| / |f| over the images that the change touches, median and 95th percentile; cosine: median. In the "
        + "order of",
      "the mean movement over all images.",
    ]
    let apart = columns.compactMap { column in
      column.apart.map { columns.count == 1 ? Self.shown($0) : "\(Self.shown($0)) (\(column.column.name))" }
    }
    if !apart.isEmpty {
      lines[1] += " Two different images are \(apart.joined(separator: ", ")) apart, median."
    }
    switch measurement {
    case .success(let measurement):
      lines.append(
        """
        tested on it: trained on what is done now and tested on the change, as when a deployed model disagrees with its trainer.
        points: gained or lost against what is done now; * where chance is an unlikely reason (McNemar's exact test, p < 0.05).
        Logistic regression, C \(NumberText.significant(measurement.c)) throughout; no image is judged by a model that was \
        fitted to it.
        """)
    case .failure(.unlabeled):
      lines.append(
        "With labels (one folder a class, or --labels) it also says what each change would cost in accuracy."
      )
    case .failure(.tooFewClasses):
      lines.append("No accuracies: they need two classes with two images each that can be read.")
    case .failure(.unsplittable(let error)): lines.append("No accuracies: \(error)")
    }
    return lines.joined(separator: "\n")
  }

  // MARK: - Numbers

  private static func shown(_ movement: Double?) -> String {
    guard let movement else { return "-" }
    guard movement.isFinite else { return "inf" }
    return movement < 0.0005 ? "<0.001" : NumberText.fixed(movement, digits: 3)
  }

  /// A gain in points with its sign: `-23.0*`.
  private static func signed(_ accuracy: Accuracy) -> String {
    let text = NumberText.fixed(accuracy.gain, digits: 1)
    return (accuracy.gain > 0 ? "+" : "") + text + (accuracy.againstPresent.pValue < 0.05 ? "*" : "")
  }
}
