import torch
from efficientnet_lite_pytorch import EfficientNet
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torchvision import datasets, transforms as t

model = EfficientNet.from_pretrained("efficientnet-lite0", "efficientnet-lite0-57934424.pth").eval()
prepare = t.Compose([t.Resize(256, 3), t.CenterCrop(224), t.PILToTensor(), lambda x: (x - 127.0) / 128])
def features(folder):
    images = datasets.ImageFolder(folder, prepare)
    with torch.no_grad():
        rows = [model.extract_features(x[None]).mean((2, 3)) for x, _ in images]
    return torch.cat(rows).numpy(), images.targets
classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
classifier.fit(*features("data/surfaces/train"))
print("accuracy", classifier.score(*features("data/surfaces/test")))
