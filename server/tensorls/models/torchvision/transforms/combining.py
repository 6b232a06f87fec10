"""Transforms made of transforms, and of the user's functions."""

from __abstract__ import boolean


class Compose:
    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        for transform in self.transforms:
            img = transform(img)
        return img


class Lambda:
    def __init__(self, lambd):
        self.lambd = lambd

    def __call__(self, img):
        return self.lambd(img)


class RandomApply:
    def __init__(self, transforms, p=0.5):
        self.transforms = transforms
        self.p = p

    def __call__(self, img):
        if boolean():
            for transform in self.transforms:
                img = transform(img)
        return img


class RandomChoice:
    def __init__(self, transforms, p=None):
        self.transforms = transforms

    def __call__(self, img):
        result = self.transforms[0](img)
        for transform in self.transforms[1:]:
            if boolean():
                result = transform(img)
        return result


class RandomOrder:
    """In any order: what comes out is known where each transform leaves what the first order leaves."""

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        forth, back = img, img
        for transform in self.transforms:
            forth = transform(forth)
        for transform in self.transforms[::-1]:
            back = transform(back)
        return forth if boolean() else back
