// A threshold as text, and its part of the page of a training.

import TapMetrics
import TapText

extension ProbabilityThreshold {
  /// The threshold and its results: `0.712: 90.3 % of 1,204 images held out get a class, 97.1 % of them right (…)`.
  ///
  /// - Parameter accuracy: the share of right classes with its interval.
  package func text(_ accuracy: Proportion) -> String {
    "\(NumberText.significant(leastProbability)): \(NumberText.percent(coverage)) % of \(NumberText.grouped(images)) "
      + "images held out get a class, \(AccuracyText.share(accuracy)) of them right (\(AccuracyText.interval(accuracy)), "
      + "\(AccuracyText.level(accuracy)))"
  }

  /// A line about predictions with the model's threshold.
  package var note: String {
    "Images below a probability of \(NumberText.significant(leastProbability)) get no class, because the model has this "
      + "threshold. --reject-below changes it; 0 gives every image a class."
  }

  /// The accuracy of the surest images: `97.8 % right of the surest 90 %, 99.1 % of 80 %, 100.0 % of 50 %`.
  package var coverageText: String {
    let parts = [1, 2, 5].map { place in
      "\(AccuracyText.share(tenths[place].accuracy)) \(place == 1 ? "right of the surest" : "of") "
        + "\(100 - 10 * place) %"
    }
    return parts.joined(separator: ", ")
  }
}

extension HTMLDocument {
  /// The accuracy of the surest images that were held out.
  mutating func addThreshold(_ threshold: ProbabilityThreshold) {
    addHeading("Images that get no class")
    addParagraph(
      "An image whose most likely class has a probability below \(NumberText.significant(threshold.leastProbability)) gets no "
        + "class. While the training images were held out, \(NumberText.percent(threshold.coverage)) % of them got one, and "
        + "\(AccuracyText.share(threshold.chosen.accuracy)) of these classes were right.")
    addTable(
      headings: ["surest images", "images", "smallest probability", "right"],
      rows: threshold.tenths.enumerated().map { place, part in
        Row([
          .text("\(100 - 10 * place) %"), .number(NumberText.grouped(part.count)),
          .number(NumberText.significant(part.leastProbability)), .number(AccuracyText.share(part.accuracy)),
        ])
      })
  }
}
