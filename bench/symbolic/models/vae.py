"""A variational autoencoder with a convolutional encoder and decoder."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Encoder(nn.Module):
    def __init__(self, in_channels, hidden, latent_dim):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, hidden, kernel_size=4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(hidden, hidden * 2, kernel_size=4, stride=2, padding=1)
        self.fc_mu = nn.Linear(hidden * 2 * 7 * 7, latent_dim)
        self.fc_logvar = nn.Linear(hidden * 2 * 7 * 7, latent_dim)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = x.view(x.size(0), -1)
        mu = self.fc_mu(x)
        logvar = self.fc_logvar(x)
        return mu, logvar


class Decoder(nn.Module):
    def __init__(self, latent_dim, hidden, out_channels):
        super().__init__()
        self.hidden = hidden
        self.fc = nn.Linear(latent_dim, hidden * 2 * 7 * 7)
        self.deconv1 = nn.ConvTranspose2d(hidden * 2, hidden, kernel_size=4, stride=2, padding=1)
        self.deconv2 = nn.ConvTranspose2d(hidden, out_channels, kernel_size=4, stride=2, padding=1)

    def forward(self, z):
        x = F.relu(self.fc(z))
        x = x.view(-1, self.hidden * 2, 7, 7)
        x = F.relu(self.deconv1(x))
        x = torch.sigmoid(self.deconv2(x))
        return x


class VAE(nn.Module):
    def __init__(self, in_channels=1, hidden=32, latent_dim=16):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(in_channels, hidden, latent_dim)
        self.decoder = Decoder(latent_dim, hidden, in_channels)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = self.reparameterize(mu, logvar)
        recon = self.decoder(z)
        return recon, mu, logvar

    def sample(self, num_samples):
        z = torch.randn(num_samples, self.latent_dim)
        samples = self.decoder(z)
        return samples


def loss_function(recon_x, x, mu, logvar):
    bce = F.binary_cross_entropy(recon_x, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + kld
